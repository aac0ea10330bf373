using System.Text.Json.Nodes;

namespace Sluice.Edge.Dialects.Sandbox;

/// <summary>Writes a planned reply in OpenAI's forms: whole, or chunk by chunk.</summary>
internal sealed class SandboxAnswer(string model, long created, SandboxReply reply)
{
    private const string Id = "chatcmpl-sandbox";
    private const string ToolCallId = "call_sandbox";

    /// <summary>The plan.</summary>
    public SandboxReply Reply => reply;

    /// <summary>The whole answer.</summary>
    public JsonObject Whole()
    {
        var text = string.Concat(reply.Pieces);
        var message = new JsonObject { ["role"] = "assistant", ["content"] = reply.ToolName is null ? text : null, ["refusal"] = null };
        if (reply.ToolName is not null)
        {
            message["tool_calls"] = new JsonArray(ToolCall(text, index: null));
        }

        return new JsonObject
        {
            ["id"] = Id,
            ["object"] = "chat.completion",
            ["created"] = created,
            ["model"] = model,
            ["choices"] = new JsonArray(new JsonObject { ["index"] = 0, ["message"] = message, ["logprobs"] = null, ["finish_reason"] = reply.FinishReason }),
            ["usage"] = reply.Usage(reply.Pieces.Count),
            ["system_fingerprint"] = "fp_sandbox",
        };
    }

    /// <summary>The first chunk: who speaks, and which tool is called.</summary>
    public JsonObject First() => Chunk(
        reply.ToolName is null
            ? new JsonObject { ["role"] = "assistant", ["content"] = "" }
            : new JsonObject { ["role"] = "assistant", ["content"] = null, ["tool_calls"] = new JsonArray(ToolCall("", index: 0)) },
        finish: null);

    /// <summary>The chunk of one piece.</summary>
    public JsonObject Piece(int i) => Chunk(
        reply.ToolName is null
            ? new JsonObject { ["content"] = reply.Pieces[i] }
            : new JsonObject { ["tool_calls"] = new JsonArray(new JsonObject { ["index"] = 0, ["function"] = new JsonObject { ["arguments"] = reply.Pieces[i] } }) },
        finish: null);

    /// <summary>The chunk that says why the answer ends.</summary>
    public JsonObject Last() => Chunk([], reply.FinishReason);

    /// <summary>The chunk with the usage and no choice.</summary>
    public JsonObject UsageOnly()
    {
        var chunk = Chunk([], finish: null);
        chunk["choices"] = new JsonArray();
        chunk["usage"] = reply.Usage(reply.Pieces.Count);
        return chunk;
    }

    private JsonObject ToolCall(string arguments, int? index)
    {
        var call = new JsonObject
        {
            ["id"] = ToolCallId,
            ["type"] = "function",
            ["function"] = new JsonObject { ["name"] = reply.ToolName, ["arguments"] = arguments },
        };
        if (index is { } place)
        {
            call["index"] = place;
        }

        return call;
    }

    private JsonObject Chunk(JsonObject delta, string? finish) => new()
    {
        ["id"] = Id,
        ["object"] = "chat.completion.chunk",
        ["created"] = created,
        ["model"] = model,
        ["system_fingerprint"] = "fp_sandbox",
        ["choices"] = new JsonArray(new JsonObject { ["index"] = 0, ["delta"] = delta, ["logprobs"] = null, ["finish_reason"] = finish }),
    };
}
