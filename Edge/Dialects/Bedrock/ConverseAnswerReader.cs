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
                content = fields.Value.Find("message"u8).Find("content"u8);
            }
            else if (fields.Is("stopReason"u8))
            {
                candidate.Stop = ConverseStops.Read(fields.Value);
            }
            else if (fields.Is("usage"u8))
            {
                answer.Usage = ConverseUsage.Read(fields.Value);
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

    private static ContentPart ReadBlock(Json block)
    {
        var text = block.Find("text"u8);
        var tool = block.Find("toolUse"u8);
        var thought = block.Find("reasoningContent"u8);
        if (text.IsString)
        {
            return new TextPart { Text = text, Origin = block };
        }

        // What the provider itself ran has a type that says so.
        if (tool.IsObject && !tool.Find("type"u8).Is("server_tool_use"u8))
        {
            return new ToolCallPart
            {
                Id = tool.Find("toolUseId"u8).Text(),
                Name = tool.Find("name"u8) is { HasText: true } name ? name : throw new DialectFaultException("A toolUse must have a name.", block),
                Input = tool.Find("input"u8),
                Origin = block,
            };
        }

        if (thought.IsObject)
        {
            var told = thought.Find("reasoningText"u8);
            return new ReasoningPart { Text = told.Find("text"u8).Text(), Signature = told.Find("signature"u8).Text(), Redacted = thought.Find("redactedContent"u8).Text(), Origin = block };
        }

        return block.Find("citationsContent"u8) is { IsObject: true } cited ? new TextPart { Text = CitedText(cited), Origin = block } : new ForeignPart { Origin = block };
    }

    private static Json CitedText(Json cited)
    {
        var parts = new List<ContentPart>();
        var items = cited.Find("content"u8) is { IsList: true } list ? list.Items() : default;
        while (items.Next())
        {
            parts.Add(new TextPart { Text = items.Value.Find("text"u8).Text() });
        }

        return JsonText.Join(parts);
    }
}
