// Official clients, unchanged, each with each model of a list. Arguments: the edge, key, models. Prints one JSON object: "client|model|case" and what was seen; "ok" is what a user expects.
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { GoogleGenAI, FunctionCallingConfigMode } from '@google/genai';
import { generateText, streamText, generateObject, tool, jsonSchema } from 'ai';
import { createOpenAI } from '@ai-sdk/openai';
import { createAnthropic } from '@ai-sdk/anthropic';
import { createGoogleGenerativeAI } from '@ai-sdk/google';
import { ChatOpenAI } from '@langchain/openai';
import { ChatAnthropic } from '@langchain/anthropic';
import { HumanMessage, ToolMessage } from '@langchain/core/messages';

const [edge, key, list] = process.argv.slice(2);
const image = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const weather = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'], additionalProperties: false };
const address = { type: 'object', properties: { zipmark: { type: 'string' } }, required: ['zipmark'], additionalProperties: false };
const calls = (found, ...cities) => same(found.map(c => `${c.name} ${c.input.city}`).join(), cities.map(c => `get_weather ${c}`).join());
const same = (seen, expected) => (JSON.stringify(seen) === JSON.stringify(expected) ? 'ok' : `saw ${JSON.stringify(seen)}`);

function openai() {
  const client = new OpenAI({ baseURL: `${edge}/v1`, apiKey: key, maxRetries: 0 });
  const tools = [{ type: 'function', function: { name: 'get_weather', description: 'Tells it', parameters: weather } }];
  const ask = (model, text, more) => client.chat.completions.create({ model, max_tokens: 4000, messages: [{ role: 'user', content: text }], ...more });
  const found = message => (message.tool_calls ?? []).map(c => ({ name: c.function.name, input: JSON.parse(c.function.arguments), id: c.id }));
  return {
    text: async m => { const a = await ask(m, 'case:text'); return same([a.choices[0].message.content, a.choices[0].finish_reason], ['Hello there', 'stop']); },
    stream: async m => { let text = ''; for await (const c of await ask(m, 'case:text', { stream: true })) text += c.choices[0]?.delta?.content ?? ''; return same(text, 'Hello there'); },
    tools: async m => { const a = await ask(m, 'case:tool', { tools, tool_choice: 'auto' }); return a.choices[0].finish_reason === 'tool_calls' ? calls(found(a.choices[0].message), 'Graz') : a.choices[0].finish_reason; },
    'parallel tools': async m => calls(found((await client.chat.completions.stream({ model: m, messages: [{ role: 'user', content: 'case:parallel' }], tools }).finalChatCompletion()).choices[0].message), 'Graz', 'Linz'),
    'tool results': async m => {
      const first = (await ask(m, 'case:parallel', { tools })).choices[0].message;
      const results = found(first).map((c, i) => ({ role: 'tool', tool_call_id: c.id, content: `result-2${i + 1}` }));
      return same((await client.chat.completions.create({ model: m, tools, messages: [{ role: 'user', content: 'case:parallel' }, first, ...results] })).choices[0].message.content, 'It is 21 and 22');
    },
    image: async m => same((await ask(m, [{ type: 'text', text: 'case:image' }, { type: 'image_url', image_url: { url: `data:image/png;base64,${image}` } }])).choices[0].message.content, 'I see it'),
    'JSON schema': async m => same(JSON.parse((await ask(m, 'case:schema', { response_format: { type: 'json_schema', json_schema: { name: 'place', schema: address, strict: true } } })).choices[0].message.content).zipmark, '8010'),
    reasoning: async m => same((await ask(m, 'case:reason', { reasoning_effort: 'low' })).choices[0].message.reasoning_content, 'Let me think'),
    usage: async m => { const u = (await ask(m, 'case:text')).usage; return same([u.prompt_tokens, u.completion_tokens], [10, 5]); },
    error: async m => ask(m, 'case:fail').then(() => 'no error', e => same([e.constructor.name, e.message.includes('Slow down')], ['RateLimitError', true])),
    abort: async m => { const s = await ask(m, 'case:slow', { stream: true }); for await (const c of s) { if (c.choices[0]?.delta?.content) { s.controller.abort(); break; } } return 'ok'; },
  };
}

function responses() {
  const client = new OpenAI({ baseURL: `${edge}/v1`, apiKey: key, maxRetries: 0 });
  const tools = [{ type: 'function', name: 'get_weather', parameters: weather, strict: false }];
  const ask = (model, input, more) => client.responses.create({ model, max_output_tokens: 4000, input: typeof input === 'string' ? input : [{ role: 'user', content: input }], ...more });
  const found = response => response.output.filter(i => i.type === 'function_call').map(c => ({ name: c.name, input: JSON.parse(c.arguments), id: c.call_id }));
  return {
    text: async m => { const a = await ask(m, 'case:text'); return same([a.output_text, a.status], ['Hello there', 'completed']); },
    stream: async m => { let text = ''; for await (const e of await ask(m, 'case:text', { stream: true })) text += e.type === 'response.output_text.delta' ? e.delta : ''; return same(text, 'Hello there'); },
    tools: async m => calls(found(await ask(m, 'case:tool', { tools })), 'Graz'),
    'parallel tools': async m => calls(found(await client.responses.stream({ model: m, input: 'case:parallel', tools }).finalResponse()), 'Graz', 'Linz'),
    'tool results': async m => {
      const first = (await ask(m, 'case:parallel', { tools })).output;
      const results = first.filter(i => i.type === 'function_call').map((c, i) => ({ type: 'function_call_output', call_id: c.call_id, output: `result-2${i + 1}` }));
      return same((await client.responses.create({ model: m, tools, input: [{ role: 'user', content: 'case:parallel' }, ...first, ...results] })).output_text, 'It is 21 and 22');
    },
    image: async m => same((await ask(m, [{ type: 'input_text', text: 'case:image' }, { type: 'input_image', image_url: `data:image/png;base64,${image}`, detail: 'auto' }])).output_text, 'I see it'),
    'JSON schema': async m => same(JSON.parse((await ask(m, 'case:schema', { text: { format: { type: 'json_schema', name: 'place', schema: address, strict: true } } })).output_text).zipmark, '8010'),
    reasoning: async m => same((await ask(m, 'case:reason', { reasoning: { effort: 'low' } })).output.filter(i => i.type === 'reasoning').map(i => i.summary.map(s => s.text).join('')).join(''), 'Let me think'),
    usage: async m => { const u = (await ask(m, 'case:text')).usage; return same([u.input_tokens, u.output_tokens], [10, 5]); },
    error: async m => ask(m, 'case:fail').then(() => 'no error', e => same([e.constructor.name, e.message.includes('Slow down')], ['RateLimitError', true])),
    abort: async m => { const s = await ask(m, 'case:slow', { stream: true }); for await (const e of s) { if (e.type === 'response.output_text.delta') { s.controller.abort(); break; } } return 'ok'; },
  };
}

function anthropic() {
  const client = new Anthropic({ baseURL: edge, apiKey: key, maxRetries: 0 });
  const tools = [{ name: 'get_weather', description: 'Tells it', input_schema: weather }];
  const ask = (model, content, more) => client.messages.create({ model, max_tokens: 4000, messages: [{ role: 'user', content }], ...more });
  const found = message => message.content.filter(b => b.type === 'tool_use').map(b => ({ name: b.name, input: b.input, id: b.id }));
  const text = message => message.content.filter(b => b.type === 'text').map(b => b.text).join('');
  return {
    text: async m => { const a = await ask(m, 'case:text'); return same([text(a), a.stop_reason], ['Hello there', 'end_turn']); },
    stream: async m => same(text(await client.messages.stream({ model: m, max_tokens: 4000, messages: [{ role: 'user', content: 'case:text' }] }).finalMessage()), 'Hello there'),
    tools: async m => { const a = await ask(m, 'case:tool', { tools }); return a.stop_reason === 'tool_use' ? calls(found(a), 'Graz') : a.stop_reason; },
    'parallel tools': async m => calls(found(await client.messages.stream({ model: m, max_tokens: 4000, tools, messages: [{ role: 'user', content: 'case:parallel' }] }).finalMessage()), 'Graz', 'Linz'),
    'tool results': async m => {
      const first = await ask(m, 'case:parallel', { tools });
      const results = found(first).map((c, i) => ({ type: 'tool_result', tool_use_id: c.id, content: `result-2${i + 1}` }));
      return same(text(await client.messages.create({ model: m, max_tokens: 4000, tools, messages: [{ role: 'user', content: 'case:parallel' }, { role: 'assistant', content: first.content }, { role: 'user', content: results }] })), 'It is 21 and 22');
    },
    image: async m => same(text(await ask(m, [{ type: 'text', text: 'case:image' }, { type: 'image', source: { type: 'base64', media_type: 'image/png', data: image } }])), 'I see it'),
    'JSON schema': async m => same(JSON.parse(text(await ask(m, 'case:schema', { output_config: { format: { type: 'json_schema', schema: address } } }))).zipmark, '8010'),
    reasoning: async m => same((await ask(m, 'case:reason', { thinking: { type: 'enabled', budget_tokens: 1024 } })).content.filter(b => b.type === 'thinking').map(b => b.thinking).join(''), 'Let me think'),
    usage: async m => { const u = (await ask(m, 'case:text')).usage; return same([u.input_tokens + u.cache_read_input_tokens, u.output_tokens], [10, 5]); },
    error: async m => ask(m, 'case:fail').then(() => 'no error', e => same([e.constructor.name, e.message.includes('Slow down')], ['RateLimitError', true])),
    abort: async m => { const s = await ask(m, 'case:slow', { stream: true }); for await (const e of s) { if (e.type === 'content_block_delta') { s.controller.abort(); break; } } return 'ok'; },
  };
}

function genai() {
  const client = new GoogleGenAI({ apiKey: key, httpOptions: { baseUrl: edge } });
  const tools = [{ functionDeclarations: [{ name: 'get_weather', description: 'Tells it', parametersJsonSchema: weather }] }];
  const ask = (model, contents, config) => client.models.generateContent({ model, contents, config: { maxOutputTokens: 4000, ...config } });
  const found = answer => (answer.functionCalls ?? []).map(c => ({ name: c.name, input: c.args, id: c.id }));
  return {
    text: async m => { const a = await ask(m, 'case:text'); return same([a.text, a.candidates[0].finishReason], ['Hello there', 'STOP']); },
    stream: async m => { let text = ''; for await (const c of await client.models.generateContentStream({ model: m, contents: 'case:text' })) text += c.text ?? ''; return same(text, 'Hello there'); },
    tools: async m => calls(found(await ask(m, 'case:tool', { tools, toolConfig: { functionCallingConfig: { mode: FunctionCallingConfigMode.AUTO } } })), 'Graz'),
    'parallel tools': async m => { const all = []; for await (const c of await client.models.generateContentStream({ model: m, contents: 'case:parallel', config: { tools } })) all.push(...found(c)); return calls(all, 'Graz', 'Linz'); },
    'tool results': async m => {
      const first = await ask(m, 'case:parallel', { tools });
      const results = found(first).map((c, i) => ({ functionResponse: { id: c.id, name: c.name, response: { output: `result-2${i + 1}` } } }));
      return same((await ask(m, [{ role: 'user', parts: [{ text: 'case:parallel' }] }, first.candidates[0].content, { role: 'user', parts: results }], { tools })).text, 'It is 21 and 22');
    },
    image: async m => same((await ask(m, [{ role: 'user', parts: [{ text: 'case:image' }, { inlineData: { mimeType: 'image/png', data: image } }] }])).text, 'I see it'),
    'JSON schema': async m => same(JSON.parse((await ask(m, 'case:schema', { responseMimeType: 'application/json', responseJsonSchema: address })).text).zipmark, '8010'),
    reasoning: async m => same((await ask(m, 'case:reason', { thinkingConfig: { includeThoughts: true, thinkingBudget: 1024 } })).candidates[0].content.parts.filter(p => p.thought).map(p => p.text).join(''), 'Let me think'),
    usage: async m => { const u = (await ask(m, 'case:text')).usageMetadata; return same([u.promptTokenCount, u.candidatesTokenCount], [10, 5]); },
    error: async m => ask(m, 'case:fail').then(() => 'no error', e => same([e.constructor.name, e.status, e.message.includes('Slow down')], ['ApiError', 429, true])),
    abort: async m => {
      const end = new AbortController();
      try {
        for await (const c of await client.models.generateContentStream({ model: m, contents: 'case:slow', config: { abortSignal: end.signal } })) { if (c.text) { end.abort(); break; } }
      } catch (e) { if (e.name !== 'AbortError') throw e; }
      return 'ok';
    },
  };
}

function aiSdk(make, options) {
  const tools = { get_weather: tool({ description: 'Tells it', inputSchema: jsonSchema(weather) }) };
  const ask = (m, content, more) => generateText({ model: make(m), maxRetries: 0, maxOutputTokens: 4000, messages: [{ role: 'user', content }], ...more });
  const found = answer => answer.toolCalls.map(c => ({ name: c.toolName, input: c.input, id: c.toolCallId }));
  return {
    text: async m => { const a = await ask(m, 'case:text'); return same([a.text, a.finishReason], ['Hello there', 'stop']); },
    stream: async m => same(await streamText({ model: make(m), maxRetries: 0, prompt: 'case:text' }).text, 'Hello there'),
    tools: async m => { const a = await ask(m, 'case:tool', { tools }); return a.finishReason === 'tool-calls' ? calls(found(a), 'Graz') : a.finishReason; },
    'parallel tools': async m => calls((await streamText({ model: make(m), maxRetries: 0, prompt: 'case:parallel', tools }).toolCalls).map(c => ({ name: c.toolName, input: c.input })), 'Graz', 'Linz'),
    'tool results': async m => {
      const first = await ask(m, 'case:parallel', { tools });
      const results = first.toolCalls.map((c, i) => ({ type: 'tool-result', toolCallId: c.toolCallId, toolName: c.toolName, output: { type: 'text', value: `result-2${i + 1}` } }));
      const messages = [{ role: 'user', content: 'case:parallel' }, ...first.response.messages, { role: 'tool', content: results }];
      return same((await generateText({ model: make(m), maxRetries: 0, maxOutputTokens: 4000, tools, messages })).text, 'It is 21 and 22');
    },
    image: async m => same((await ask(m, [{ type: 'text', text: 'case:image' }, { type: 'image', image, mediaType: 'image/png' }])).text, 'I see it'),
    'JSON schema': async m => same((await generateObject({ model: make(m), maxRetries: 0, maxOutputTokens: 4000, prompt: 'case:schema', schema: jsonSchema(address) })).object.zipmark, '8010'),
    reasoning: options === undefined ? undefined : async m => same((await ask(m, 'case:reason', { providerOptions: options })).reasoningText, 'Let me think'),
    usage: async m => { const u = (await ask(m, 'case:text')).usage; return same([u.inputTokens, u.outputTokens], [10, 5]); },
    error: async m => ask(m, 'case:fail').then(() => 'no error', e => same([e.statusCode, e.message.includes('Slow down')], [429, true])),
    abort: async m => { const end = new AbortController(); const s = streamText({ model: make(m), maxRetries: 0, prompt: 'case:slow', abortSignal: end.signal, onError: () => {} }); for await (const piece of s.textStream) { if (piece) { end.abort(); break; } } return 'ok'; },
  };
}

function langChain(make) {
  const tools = [{ type: 'function', function: { name: 'get_weather', description: 'Tells it', parameters: weather } }];
  const text = message => (typeof message.content === 'string' ? message.content : message.content.filter(b => b.type === 'text').map(b => b.text).join(''));
  const found = message => message.tool_calls.map(c => ({ name: c.name, input: c.args, id: c.id }));
  return {
    text: async m => same(text(await make(m).invoke('case:text')), 'Hello there'),
    stream: async m => { let all = ''; for await (const c of await make(m).stream('case:text')) all += text(c); return same(all, 'Hello there'); },
    tools: async m => calls(found(await make(m).bindTools(tools).invoke('case:tool')), 'Graz'),
    'parallel tools': async m => { let all; for await (const c of await make(m).bindTools(tools).stream('case:parallel')) all = all === undefined ? c : all.concat(c); return calls(found(all), 'Graz', 'Linz'); },
    'tool results': async m => {
      const bound = make(m).bindTools(tools);
      const first = await bound.invoke('case:parallel');
      return same(text(await bound.invoke([new HumanMessage('case:parallel'), first, ...found(first).map((c, i) => new ToolMessage({ tool_call_id: c.id, content: `result-2${i + 1}` }))])), 'It is 21 and 22');
    },
    image: async m => same(text(await make(m).invoke([new HumanMessage({ content: [{ type: 'text', text: 'case:image' }, { type: 'image_url', image_url: { url: `data:image/png;base64,${image}` } }] })])), 'I see it'),
    usage: async m => { const u = (await make(m).invoke('case:text')).usage_metadata; return same([u.input_tokens, u.output_tokens], [10, 5]); },
    error: async m => make(m).invoke('case:fail').then(() => 'no error', e => same(e.message.includes('Slow down'), true)),
  };
}

const google = createGoogleGenerativeAI({ baseURL: `${edge}/v1beta`, apiKey: key });
const claude = createAnthropic({ baseURL: `${edge}/v1`, apiKey: key });
const gpt = createOpenAI({ baseURL: `${edge}/v1`, apiKey: key });
const clients = {
  'openai (chat)': openai(),
  'openai (responses)': responses(),
  '@anthropic-ai/sdk': anthropic(),
  '@google/genai': genai(),
  'ai with @ai-sdk/openai (chat)': aiSdk(m => gpt.chat(m)),
  'ai with @ai-sdk/openai (responses)': aiSdk(m => gpt.responses(m), { openai: { reasoningEffort: 'low', reasoningSummary: 'auto', forceReasoning: true } }),
  'ai with @ai-sdk/anthropic': aiSdk(m => claude(m), { anthropic: { thinking: { type: 'enabled', budgetTokens: 1024 } } }),
  'ai with @ai-sdk/google': aiSdk(m => google(m), { google: { thinkingConfig: { includeThoughts: true, thinkingBudget: 1024 } } }),
  '@langchain/openai': langChain(m => new ChatOpenAI({ model: m, apiKey: key, maxRetries: 0, maxTokens: 4000, configuration: { baseURL: `${edge}/v1` } })),
  '@langchain/anthropic': langChain(m => new ChatAnthropic({ model: m, apiKey: key, maxRetries: 0, maxTokens: 4000, anthropicApiUrl: edge })),
};

const seen = {};
await Promise.all(Object.entries(clients).map(async ([name, cases]) => {
  for (const model of list.split(',')) {
    for (const [what, run] of Object.entries(cases)) {
      if (run === undefined) continue;
      try {
        seen[`${name}|${model}|${what}`] = await run(model);
      } catch (e) {
        seen[`${name}|${model}|${what}`] = `${e.constructor.name}: ${e.message}`.replaceAll('\n', ' ').slice(0, 300);
      }
    }
  }
}));
console.log(JSON.stringify(seen));
