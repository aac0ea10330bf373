// The official JavaScript client with OpenAI's other endpoints, unchanged. Arguments: base address, key, model. Prints one JSON object: what each case saw.
import OpenAI, { toFile } from 'openai';

const [baseURL, apiKey, model] = process.argv.slice(2);
const client = new OpenAI({ baseURL, apiKey, maxRetries: 0 });
const sound = () => toFile(new Uint8Array([1, 2, 3]), 'a.wav');
const picture = () => toFile(new Uint8Array([0x89, 0x50, 0x4e, 0x47]), 'a.png', { type: 'image/png' });

async function error(call) {
  try {
    await call();
    return 'no error';
  } catch (e) {
    return `${e.constructor.name} ${e.status} ${e.param}`;
  }
}

const seen = {};
seen.moderation = `${(await client.moderations.create({ model, input: ['Hello'] })).results[0].flagged}`;

const made = await client.images.generate({ model, prompt: 'a cat' });
seen.picture = `${made.data[0].b64_json} ${made.usage.total_tokens}`;
const edited = await client.images.edit({ model, prompt: 'a dog', image: [await picture(), await picture()] });
seen.edit = `${edited.data[0].b64_json} ${edited.usage.total_tokens}`;
seen.variation = (await client.images.createVariation({ model, image: await picture() })).data[0].b64_json;

const spoken = await client.audio.speech.create({ model, input: 'Hello', voice: 'alloy' });
seen.speech = Buffer.from(await spoken.arrayBuffer()).toString('hex');

seen.transcription = (await client.audio.transcriptions.create({ model, file: await sound() })).text;
const pieces = [];
for await (const event of await client.audio.transcriptions.create({ model, file: await sound(), stream: true })) {
  pieces.push(event.delta ?? event.text);
}
seen.streamedTranscription = pieces.join('|');
seen.translation = (await client.audio.translations.create({ model, file: await sound() })).text;

seen.noModel = await error(() => client.audio.speech.create({ model: 'no-such-model', input: 'Hello', voice: 'alloy' }));
seen.noFile = await error(() => client.images.edit({ model, prompt: 'a dog' }));
seen.otherProvider = await error(() => client.moderations.create({ model: 'sandbox', input: 'Hello' }));
console.log(JSON.stringify(seen));
