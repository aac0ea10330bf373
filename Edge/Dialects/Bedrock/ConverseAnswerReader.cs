using System.Text.Json;
using Sluice.Edge.Dialects.Neutral;

namespace Sluice.Edge.Dialects.Bedrock;

/// <summary>Reads a whole answer.</summary>
internal static class ConverseAnswerReader
{
    /// <summary>Reads it. It has no id, and does not tell its model.</summary>
    public static Answer Read(Json body)
    {
        var answer = new Answer();
        var candidate = new Candidate();
        var content = default(Json);
        var fields = body.Fields();
        while (fields.Next())
        {
            if (fields.Is("output"u8))
            {
                content = Find(Find(fields.Value, "message"u8), "content"u8);
            }
            else if (fields.Is("stopReason"u8))
            {
                candidate.Stop = ConverseStops.Read(fields.Value);
            }
            else if (fields.Is("usage"u8))
            {
                var reader = new Utf8JsonReader(fields.Value.Span);
                answer.Usage = reader.Read() ? ConverseUsage.Read(ref reader) : null;
            }
        }

        if (!content.IsList)
        {
            throw new DialectFaultException("'output.message.content' is missing.", "output");
        }

        var blocks = content.Items();
        while (blocks.Next())
        {
            candidate.Parts.Add(ReadBlock(blocks.Value));
        }

        answer.Candidates.Add(candidate);
        return answer;
    }

    /// <summary>The value of a field; nothing where there is none.</summary>
    public static Json Find(Json value, ReadOnlySpan<byte> name)
    {
        var fields = value.IsObject ? value.Fields() : default;
        while (fields.Next())
        {
            if (fields.Is(name))
            {
                return fields.Value;
            }
        }

        return default;
    }

    private static ContentPart ReadBlock(Json block)
    {
        var text = Find(block, "text"u8);
        var tool = Find(block, "toolUse"u8);
        var thought = Find(block, "reasoningContent"u8);
        if (text.IsString)
        {
            return new TextPart { Text = text, Origin = block };
        }

        // What the provider itself ran has a type that says so.
        if (tool.IsObject && !Find(tool, "type"u8).Is("server_tool_use"u8))
        {
            return new ToolCallPart
            {
                Id = Find(tool, "toolUseId"u8).Text(),
                Name = Find(tool, "name"u8) is { HasText: true } name ? name : throw new DialectFaultException("A toolUse must have a name.", block),
                Input = Find(tool, "input"u8),
                Origin = block,
            };
        }

        if (thought.IsObject)
        {
            var told = Find(thought, "reasoningText"u8);
            return new ReasoningPart { Text = Find(told, "text"u8).Text(), Signature = Find(told, "signature"u8).Text(), Redacted = Find(thought, "redactedContent"u8).Text(), Origin = block };
        }

        return Find(block, "citationsContent"u8) is { IsObject: true } cited ? new TextPart { Text = CitedText(cited), Origin = block } : new ForeignPart { Origin = block };
    }

    private static Json CitedText(Json cited)
    {
        var parts = new List<ContentPart>();
        var items = Find(cited, "content"u8) is { IsList: true } list ? list.Items() : default;
        while (items.Next())
        {
            parts.Add(new TextPart { Text = Find(items.Value, "text"u8).Text() });
        }

        return JsonText.Join(parts);
    }
}
