// The official JavaScript client with OpenAI's batches, unchanged. Arguments: base address, key, model. Prints one JSON object: what each case saw.
import OpenAI, { toFile } from 'openai';

const [baseURL, apiKey, model] = process.argv.slice(2);
const client = new OpenAI({ baseURL, apiKey, maxRetries: 0, defaultHeaders: { 'sluice-model': model } });

const seen = {};
const line = { custom_id: 'one', method: 'POST', url: '/v1/chat/completions', body: { model, messages: [{ role: 'user', content: 'Hello' }] } };
const file = await client.files.create({ file: await toFile(Buffer.from(JSON.stringify(line)), 'requests.jsonl'), purpose: 'batch' });
const batch = await client.batches.create({ input_file_id: file.id, endpoint: '/v1/chat/completions', completion_window: '24h', metadata: { of: 'mine' } });
seen.created = `${batch.object} ${batch.status} ${batch.input_file_id === file.id} ${batch.metadata.of}`;
const read = await client.batches.retrieve(batch.id);
seen.read = `${read.id === batch.id} ${read.status}`;

const ids = [];
for await (const one of client.batches.list({ limit: 1 })) {
  ids.push(one.id);
}
seen.list = `${ids.length} ${ids[0] === batch.id}`;
seen.cancelled = (await client.batches.cancel(batch.id)).status;
try {
  await client.batches.retrieve('batch_x');
} catch (e) {
  seen.gone = `${e.constructor.name} ${e.status} ${e.code}`;
}

console.log(JSON.stringify(seen));
