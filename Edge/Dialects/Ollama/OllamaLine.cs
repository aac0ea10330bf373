using Sluice.Edge.Dialects.Neutral;

namespace Sluice.Edge.Dialects.Ollama;

/// <summary>The fields of an answer, or of one line of a stream.</summary>
internal struct OllamaLine
{
    public Json Model;
    public Json Content;
    public Json Thinking;
    public Json Calls;
    public Json Reason;
    public Json Error;
    public bool IsDone;
    public bool HasMessage;

    public static OllamaLine Of(Json line)
    {
        var read = default(OllamaLine);
        var fields = line.Fields();
        while (fields.Next())
        {
            if (fields.Is("message"u8))
            {
                read.HasMessage = fields.Value.IsObject;
                read.ReadMessage(fields.Value);
            }
            else if (fields.Is("model"u8))
            {
                read.Model = fields.Value.Text();
            }
            else if (fields.Is("done_reason"u8))
            {
                read.Reason = fields.Value;
            }
            else if (fields.Is("error"u8))
            {
                read.Error = fields.Value;
            }
            else if (fields.Is("done"u8))
            {
                read.IsDone = fields.Value.IsTrue;
            }
        }

        return read;
    }

    /// <summary>The call of a tool; mostly it has no id, and its arguments are an object.</summary>
    /// <exception cref="DialectFaultException">It has no name.</exception>
    public static (Json Id, Json Name, Json Arguments) CallOf(Json call)
    {
        var (id, name, arguments) = (default(Json), default(Json), default(Json));
        var fields = call.Fields();
        while (fields.Next())
        {
            id = fields.Is("id"u8) ? fields.Value.Text() : id;
            var function = fields.Is("function"u8) ? fields.Value.Fields() : default;
            while (function.Next())
            {
                name = function.Is("name"u8) ? function.Value.Text() : name;
                arguments = function.Is("arguments"u8) ? function.Value : arguments;
            }
        }

        return (id, name.HasText ? name : throw new DialectFaultException("A tool's call must have a name.", call), arguments);
    }

    /// <summary>Why it ended.</summary>
    public readonly StopReason StopOf(bool callsTool) => Reason.Is("length"u8) ? StopReason.Length : callsTool ? StopReason.Tools : StopReason.End;

    private void ReadMessage(Json message)
    {
        var fields = message.Fields();
        while (fields.Next())
        {
            if (fields.Is("content"u8))
            {
                Content = fields.Value.Text();
            }
            else if (fields.Is("thinking"u8))
            {
                Thinking = fields.Value.Text();
            }
            else if (fields.Is("tool_calls"u8))
            {
                Calls = fields.Value;
            }
        }
    }
}
