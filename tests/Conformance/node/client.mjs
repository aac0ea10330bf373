// The official JavaScript client, unchanged. Arguments: base address, key. Prints one JSON object: what each case saw.
import OpenAI from 'openai';

const [baseURL, apiKey] = process.argv.slice(2);
const client = new OpenAI({ baseURL, apiKey, maxRetries: 0 });
const messages = [{ role: 'user', content: 'Hello' }];
const tools = [{ type: 'function', function: { name: 'get_weather', parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } } }];

async function error(call) {
  try {
    await call();
    return 'no error';
  } catch (e) {
    return `${e.constructor.name} ${e.status} ${e.code}`;
  }
}

const seen = {};
const chat = await client.chat.completions.create({ model: 'sandbox?tokens=5', messages });
seen.chat = `${chat.choices[0].message.content} ${chat.usage.completion_tokens}`;

const pieces = [];
for await (const chunk of await client.chat.completions.create({ model: 'sandbox?tokens=3', messages, stream: true })) {
  if (chunk.usage) pieces.push('usage');
  if (chunk.choices[0]?.delta?.content) pieces.push(chunk.choices[0].delta.content);
}
seen.stream = pieces.join('|');

let usage = 0;
for await (const chunk of await client.chat.completions.create({ model: 'sandbox?tokens=3', messages, stream: true, stream_options: { include_usage: true } })) {
  usage = chunk.usage?.completion_tokens ?? usage;
}
seen.streamedUsage = `${usage}`;

const call = (await client.chat.completions.create({ model: 'sandbox', messages, tools })).choices[0];
seen.tools = `${call.finish_reason} ${call.message.tool_calls[0].function.name} ${call.message.tool_calls[0].function.arguments}`;

const embedding = await client.embeddings.create({ model: 'sandbox', input: ['one', 'two'], dimensions: 8 });
seen.embeddings = `${embedding.data.length} ${embedding.data[0].embedding.length}`;

const models = [];
for await (const model of await client.models.list()) models.push(model.id);
seen.models = models.join(' ');

const create = (model, key = apiKey) => () => new OpenAI({ baseURL, apiKey: key, maxRetries: 0 }).chat.completions.create({ model, messages });
seen.wrongKey = await error(create('sandbox', 'slc_live_wrong'));
seen.noModel = await error(create('no-such-model'));
seen.rateLimit = await error(create('sandbox?error=429'));
console.log(JSON.stringify(seen));
