// The official JavaScript client with OpenAI's files, unchanged. Arguments: base address, key, model. Prints one JSON object: what each case saw.
import OpenAI, { toFile } from 'openai';

const [baseURL, apiKey, model] = process.argv.slice(2);
const client = new OpenAI({ baseURL, apiKey, maxRetries: 0, defaultHeaders: { 'sluice-model': model } });

const seen = {};
const first = await client.files.create({ file: await toFile(new Uint8Array([1, 2, 3]), 'a.bin'), purpose: 'user_data' });
const second = await client.files.create({ file: await toFile(new Uint8Array([4]), 'b.bin'), purpose: 'user_data' });
seen.created = `${first.filename} ${first.bytes} ${first.purpose}`;
seen.read = `${(await client.files.retrieve(first.id)).id === first.id}`;
seen.content = Buffer.from(await (await client.files.content(first.id)).arrayBuffer()).toString('hex');

const names = [];
for await (const file of client.files.list({ limit: 1 })) {
  names.push(file.filename);
}
seen.list = names.join(' ');

const answer = await client.chat.completions.create({ model, messages: [{ role: 'user', content: [{ type: 'file', file: { file_id: second.id } }] }] });
seen.chat = `${answer.usage.total_tokens}`;
seen.deleted = `${(await client.files.delete(first.id)).deleted}`;
try {
  await client.files.retrieve(first.id);
} catch (e) {
  seen.gone = `${e.constructor.name} ${e.status} ${e.code}`;
}

console.log(JSON.stringify(seen));
