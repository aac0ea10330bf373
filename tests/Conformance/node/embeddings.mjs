// Google's official client with embeddings and counts of tokens, unchanged, for models whose providers speak its dialect or another. Arguments: the edge, key, names of models. Prints one JSON object: what each case saw.
import { GoogleGenAI } from '@google/genai';

const [edge, key, ...models] = process.argv.slice(2);
const genai = new GoogleGenAI({ apiKey: key, httpOptions: { baseUrl: edge } });
const seen = {};

async function error(call) {
  try {
    await call();
    return 'no error';
  } catch (e) {
    const { code, status, message } = JSON.parse(e.message).error;
    return `${e.constructor.name} ${e.status} ${code} ${status} ${message}`;
  }
}

for (const model of models) {
  const one = await genai.models.embedContent({ model, contents: 'one', config: { outputDimensionality: 2 } });
  seen[`${model} one`] = `${one.embeddings.length} ${one.embeddings[0].values} ${one.usageMetadata?.promptTokenCount}`;
  const several = await genai.models.embedContent({ model, contents: ['one', 'two'], config: { taskType: 'CLUSTERING' } });
  seen[`${model} several`] = several.embeddings.map(e => e.values).join(' | ');
  seen[`${model} error`] = await error(() => genai.models.embedContent({ model, contents: 'fail' }));
  const count = await genai.models.countTokens({ model, contents: 'How many are these?' });
  seen[`${model} count`] = `${count.totalTokens > 0}`;
}

seen.noModel = (await error(() => genai.models.embedContent({ model: 'nobody', contents: 'one' }))).split(' ').slice(0, 4).join(' ');
seen.noEmbeddings = await error(() => genai.models.embedContent({ model: 'of-anthropic-embeddings', contents: 'one' }));
console.log(JSON.stringify(seen));
