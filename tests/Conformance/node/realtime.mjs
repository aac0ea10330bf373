// The official JavaScript client's realtime connections, unchanged. Arguments: base address, key, model. Prints one JSON object: what each case saw.
// The client always asks for wss; the gateway is here without TLS, so that the sockets below the client leave it out.
import net from 'node:net';
import OpenAI from 'openai';
import { OpenAIRealtimeWS } from 'openai/realtime/ws';
import { OpenAIRealtimeWebSocket } from 'openai/realtime/websocket';
import { WebSocket as Socket } from 'ws';

const [baseURL, apiKey, model] = process.argv.slice(2);
const { hostname, port } = new URL(baseURL);
const plain = { createConnection: () => net.connect(Number(port), hostname) };
globalThis.WebSocket = class extends Socket {
  constructor(url, protocols) {
    super(url.replace(/^wss:/, 'ws:'), protocols);
  }
};

const clientOf = (key) => new OpenAI({ baseURL, apiKey: key, maxRetries: 0 });
const open = {
  ws: (key, name) => new OpenAIRealtimeWS({ model: name, options: plain }, clientOf(key)),
  browser: (key, name) => new OpenAIRealtimeWebSocket({ model: name, dangerouslyAllowBrowser: true }, clientOf(key)),
};

// One response, then a close.
function respond(rt) {
  return new Promise((resolve, reject) => {
    let usage;
    rt.on('error', reject);
    rt.on('response.done', (event) => {
      usage = event.response.usage;
      rt.close({ code: 4100, reason: 'thanks' });
    });
    rt.socket.addEventListener('open', () => rt.send({ type: 'response.create' }));
    rt.socket.addEventListener('close', (event) => resolve(`${usage.input_tokens} ${usage.output_tokens} ${event.code} ${event.reason}`));
  });
}

const refused = (rt) => new Promise((resolve) => rt.on('error', (error) => resolve(error.message.split('\n')[0])));

const seen = {};
for (const [name, connect] of Object.entries(open)) {
  seen[name] = await respond(connect(apiKey, model));
  seen[`${name}WrongKey`] = await refused(connect('sk-wrong', model));
  seen[`${name}NoModel`] = await refused(connect(apiKey, 'unknown'));
}

console.log(JSON.stringify(seen));
