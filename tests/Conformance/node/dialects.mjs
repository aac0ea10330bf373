// The official clients of both dialects, unchanged, for models whose providers speak one or the other. Arguments: the edge, key. Prints one JSON object: what each case saw.
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';

const [edge, key] = process.argv.slice(2);
const anthropic = new Anthropic({ baseURL: edge, apiKey: key, maxRetries: 0 });
const openai = new OpenAI({ baseURL: `${edge}/v1`, apiKey: key, maxRetries: 0 });
const schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const seen = {};

async function error(call) {
  try {
    await call();
    return 'no error';
  } catch (e) {
    return `${e.constructor.name} ${e.status} ${e.message.includes('Slow down') ? 'told' : e.message}`;
  }
}

for (const model of ['of-openai', 'of-anthropic']) {
  const ask = { model, max_tokens: 100, messages: [{ role: 'user', content: 'Hello' }] };
  const tools = [{ name: 'get_weather', description: 'Tells it', input_schema: schema }];

  const { data: message, response } = await anthropic.messages.create(ask).withResponse();
  seen[`${model} text`] = `${message.type} ${message.role} ${message.content[0].text} ${message.stop_reason} ${message.usage.input_tokens}+${message.usage.cache_read_input_tokens} ${message.usage.output_tokens}`;
  seen[`${model} id`] = `${message._request_id?.length > 0} ${response.headers.get('sluice-model')}`;

  const stream = anthropic.messages.stream(ask);
  const pieces = [];
  stream.on('text', piece => pieces.push(piece));
  const final = await stream.finalMessage();
  seen[`${model} stream`] = `${pieces.join('|')} ${final.stop_reason} ${final.usage.output_tokens}`;

  const call = await anthropic.messages.create({ ...ask, tools, tool_choice: { type: 'any' } });
  const use = call.content.find(block => block.type === 'tool_use');
  seen[`${model} tools`] = `${call.stop_reason} ${use.name} ${JSON.stringify(use.input)}`;

  const streamed = await anthropic.messages.stream({ ...ask, tools }).finalMessage();
  const streamedUse = streamed.content.find(block => block.type === 'tool_use');
  seen[`${model} streamed tools`] = `${streamed.stop_reason} ${streamedUse.name} ${JSON.stringify(streamedUse.input)}`;

  const result = await anthropic.messages.create({
    ...ask,
    tools,
    messages: [...ask.messages, { role: 'assistant', content: call.content }, { role: 'user', content: [{ type: 'tool_result', tool_use_id: use.id, content: '21 degrees' }] }],
  });
  seen[`${model} result`] = result.content[0].text;
  seen[`${model} count`] = `${(await anthropic.messages.countTokens({ model, messages: ask.messages })).input_tokens > 0}`;
  seen[`${model} error`] = await error(() => anthropic.messages.create({ ...ask, messages: [{ role: 'user', content: 'fail' }] }));
  seen[`${model} no model`] = (await error(() => anthropic.messages.create({ ...ask, model: 'nobody' }))).split(' ').slice(0, 2).join(' ');
}

for (const model of ['of-openai', 'of-anthropic']) {
  const ask = { model, input: 'Hello' };
  const tools = [{ type: 'function', name: 'get_weather', parameters: schema, strict: true }];
  const response = await openai.responses.create(ask);
  seen[`${model} response`] = `${response.status} ${response.output_text} ${response.usage.input_tokens} ${response.usage.input_tokens_details.cached_tokens} ${response.usage.output_tokens}`;
  const pieces = [];
  const stream = openai.responses.stream(ask);
  stream.on('response.output_text.delta', event => pieces.push(event.delta));
  const final = await stream.finalResponse();
  seen[`${model} response stream`] = `${pieces.join('|')} ${final.status} ${final.output_text} ${final.usage.output_tokens}`;
  const called = (await openai.responses.create({ ...ask, tools, tool_choice: 'required' })).output.find(item => item.type === 'function_call');
  seen[`${model} response tools`] = `${called.name} ${called.arguments}`;
  const streamedCall = (await openai.responses.stream({ ...ask, tools }).finalResponse()).output.find(item => item.type === 'function_call');
  seen[`${model} response streamed tools`] = `${streamedCall.name} ${streamedCall.arguments}`;
  const result = await openai.responses.create({ ...ask, tools, input: [{ role: 'user', content: 'Hello' }, called, { type: 'function_call_output', call_id: called.call_id, output: '21 degrees' }] });
  seen[`${model} response result`] = result.output_text;
  seen[`${model} response error`] = await error(() => openai.responses.create({ ...ask, input: 'fail' }));
  seen[`${model} response refused`] = (await error(() => openai.responses.create({ ...ask, previous_response_id: 'resp_1' }))).split(':')[0];
}

const ask = { model: 'of-anthropic', messages: [{ role: 'user', content: 'Hello' }] };
const tools = [{ type: 'function', function: { name: 'get_weather', parameters: schema } }];
const chat = await openai.chat.completions.create(ask);
seen['openai text'] = `${chat.choices[0].message.content} ${chat.choices[0].finish_reason} ${chat.usage.prompt_tokens} ${chat.usage.prompt_tokens_details.cached_tokens} ${chat.usage.completion_tokens}`;
const chunks = [];
let told = 0;
for await (const chunk of await openai.chat.completions.create({ ...ask, stream: true, stream_options: { include_usage: true } })) {
  if (chunk.choices[0]?.delta?.content) chunks.push(chunk.choices[0].delta.content);
  told = chunk.usage?.completion_tokens ?? told;
}
seen['openai stream'] = `${chunks.join('|')} ${told}`;
const call = (await openai.chat.completions.create({ ...ask, tools, tool_choice: 'required' })).choices[0];
seen['openai tools'] = `${call.finish_reason} ${call.message.tool_calls[0].function.name} ${call.message.tool_calls[0].function.arguments}`;
const streamed = await openai.chat.completions.stream({ ...ask, tools }).finalChatCompletion();
seen['openai streamed tools'] = `${streamed.choices[0].finish_reason} ${streamed.choices[0].message.tool_calls[0].function.name} ${streamed.choices[0].message.tool_calls[0].function.arguments}`;
const result = await openai.chat.completions.create({ ...ask, tools, messages: [...ask.messages, call.message, { role: 'tool', tool_call_id: call.message.tool_calls[0].id, content: '21 degrees' }] });
seen['openai result'] = result.choices[0].message.content;
seen['openai error'] = await error(() => openai.chat.completions.create({ ...ask, messages: [{ role: 'user', content: 'fail' }] }));
seen['openai refused'] = await error(() => openai.chat.completions.create({ ...ask, n: 2 }));
console.log(JSON.stringify(seen));
