using System.Text.Json;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Edge.Dialects.Cohere;

/// <summary>Reads a whole answer. What it plans to do with tools is told as reasoning.</summary>
internal static class CohereAnswerReader
{
    /// <summary>Reads it.</summary>
    public static Answer Read(Json body)
    {
        var answer = new Answer();
        var candidate = new Candidate();
        var message = default(Json);
        var fields = body.Fields();
        while (fields.Next())
        {
            if (fields.Is("id"u8))
            {
                answer.Id = fields.Value.IsString ? fields.Value : default;
            }
            else if (fields.Is("message"u8))
            {
                message = fields.Value;
            }
            else if (fields.Is("finish_reason"u8))
            {
                candidate.Stop = CohereStops.Read(fields.Value);
            }
            else if (fields.Is("usage"u8))
            {
                answer.Usage = ReadUsage(fields.Value);
            }
        }

        if (!message.IsObject)
        {
            throw new DialectFaultException("'message' is missing.", "message");
        }

        ReadMessage(message, candidate.Parts);
        answer.Candidates.Add(candidate);
        return answer;
    }

    /// <summary>Reads what was used; null where it is not told.</summary>
    public static TokenCounts? ReadUsage(Json usage)
    {
        var reader = new Utf8JsonReader(usage.Span, Json.Options);
        return usage.IsObject && reader.Read() ? CohereUsage.Read(ref reader) : null;
    }

    private static void ReadMessage(Json message, List<ContentPart> parts)
    {
        var fields = message.Fields();
        var (content, calls, plan, citations) = (default(Json), default(Json), default(Json), default(Json));
        while (fields.Next())
        {
            content = fields.Is("content"u8) ? fields.Value : content;
            calls = fields.Is("tool_calls"u8) ? fields.Value : calls;
            plan = fields.Is("tool_plan"u8) ? fields.Value.Text() : plan;
            citations = fields.Is("citations"u8) ? fields.Value : citations;
        }

        if (plan.HasText)
        {
            parts.Add(new ReasoningPart { Text = plan, Origin = plan });
        }

        ReadContent(content, parts);
        var items = calls.Items();
        while (items.Next())
        {
            var call = CohereCall.Of(items.Value);
            parts.Add(new ToolCallPart { Id = call.Id, Name = call.Name.HasText ? call.Name : throw new DialectFaultException("A tool's call must have a name.", items.Value), Input = call.Arguments, Origin = items.Value });
        }

        if (citations.IsList && citations.Items().Next())
        {
            parts.Add(new ForeignPart { Origin = citations });
        }
    }

    private static void ReadContent(Json content, List<ContentPart> parts)
    {
        if (content.IsString)
        {
            parts.Add(new TextPart { Text = content, Origin = content });
            return;
        }

        var items = content.Items();
        while (items.Next())
        {
            var (text, thought) = (default(Json), default(Json));
            var fields = items.Value.Fields();
            while (fields.Next())
            {
                text = fields.Is("text"u8) ? fields.Value.Text() : text;
                thought = fields.Is("thinking"u8) ? fields.Value.Text() : thought;
            }

            parts.Add(thought.IsString ? new ReasoningPart { Text = thought, Origin = items.Value }
                : text.IsString ? new TextPart { Text = text, Origin = items.Value }
                : new ForeignPart { Origin = items.Value });
        }
    }
}

/// <summary>The call of a tool, of whole answers and of streams.</summary>
internal struct CohereCall
{
    public Json Id;
    public Json Name;
    public Json Arguments;

    public static CohereCall Of(Json call)
    {
        var read = default(CohereCall);
        var fields = call.IsObject ? call.Fields() : default;
        while (fields.Next())
        {
            read.Id = fields.Is("id"u8) ? fields.Value.Text() : read.Id;
            var function = fields.Is("function"u8) && fields.Value.IsObject ? fields.Value.Fields() : default;
            while (function.Next())
            {
                read.Name = function.Is("name"u8) ? function.Value.Text() : read.Name;
                read.Arguments = function.Is("arguments"u8) ? function.Value : read.Arguments;
            }
        }

        return read;
    }
}
