#!/usr/bin/env node
// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The npm CoAP client against a gateway: npm_client.js HOST. Fails by name at the first thing that is wrong.
'use strict';

const dgram = require('dgram');
const coap = require('coap');
const packet = require('coap-packet');

const host = process.argv[2];

function get(path) {
	return new Promise((resolve, reject) => {
		const request = coap.request({ hostname: host, pathname: path, retrySend: 2 });
		request.on('response', (response) => {
			resolve({ code: response.code, payload: response.payload.toString() });
		});
		request.on('error', reject);
		request.end();
	});
}

function ping() {
	return new Promise((resolve, reject) => {
		const socket = dgram.createSocket(host.includes(':') ? 'udp6' : 'udp4');
		const bytes = packet.generate({ confirmable: true, code: '0.00', messageId: 4711 });
		const again = setInterval(() => socket.send(bytes, 5683, host), 500);
		const late = setTimeout(() => reject(new Error('no answer to a ping')), 5000);
		socket.on('message', (message) => {
			const answer = packet.parse(message);
			clearInterval(again);
			clearTimeout(late);
			socket.close();
			resolve(answer.reset && answer.messageId === 4711);
		});
		socket.send(bytes, 5683, host);
	});
}

function must(what, ok) {
	if (!ok) {
		console.error(`npm client, ${host}: ${what}`);
		process.exit(1);
	}
}

async function main() {
	must('a ping is answered with RST', await ping());
	const core = await get('/.well-known/core');
	must('/.well-known/core is 2.05', core.code === '2.05');
	must('/.well-known/core lists the registration interface', core.payload.includes('rt="oma.lwm2m"'));
	must('an unknown path is 4.04', (await get('/no/such/path')).code === '4.04');
	process.exit(0);
}

main().catch((error) => must(error.message, false));
