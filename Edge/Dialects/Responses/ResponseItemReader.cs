using Sluice.Edge.Dialects.Neutral;

namespace Sluice.Edge.Dialects.Responses;

/// <summary>Reads the items of a request, and those of an answer, into turns and parts. What an assistant said and which tools it called is one turn, though each is an item.</summary>
internal static class ResponseItemReader
{
    /// <summary>Reads the input: text, or items.</summary>
    public static void Read(Json input, List<Turn> turns)
    {
        if (input.IsString)
        {
            turns.Add(new Turn(Role.User) { Parts = { new TextPart { Text = input, Origin = input } } });
            return;
        }

        var items = input.Items();
        while (items.Next())
        {
            ReadItem(ItemFields.Of(items.Value), turns);
        }
    }

    /// <summary>Reads what an answer has.</summary>
    public static void ReadOutput(Json output, List<ContentPart> parts)
    {
        var items = output.Items();
        while (items.Next())
        {
            var item = ItemFields.Of(items.Value);
            if (item.Type.Is("message"u8))
            {
                ReadContent(item.Content, parts);
            }
            else if (!TryReadSaid(item, parts))
            {
                parts.Add(new ForeignPart { Origin = item.Origin });
            }
        }
    }

    private static void ReadItem(in ItemFields item, List<Turn> turns)
    {
        if (item.Type.IsNothing || item.Type.Is("message"u8))
        {
            var role = item.Role;
            var turn = TurnOf(
                turns,
                role.Is("system"u8) || role.Is("developer"u8) ? Role.System : role.Is("user"u8) ? Role.User : role.Is("assistant"u8) ? Role.Assistant
                    : throw (role.IsNothing ? new DialectFaultException("A message must have a role.", item.Origin) : role.Wrong("'system', 'developer', 'user' or 'assistant'")),
                joins: role.Is("assistant"u8));
            ReadContent(item.Content, turn.Parts);
        }
        else if (item.Type.Is("function_call_output"u8))
        {
            var result = new ToolResultPart { CallId = item.CallId.HasText ? item.CallId : throw new DialectFaultException("A function's output must have a 'call_id'.", item.Origin), Origin = item.Origin };
            ReadContent(item.Output, result.Parts);
            TurnOf(turns, Role.User, joins: turns.Count > 0 && turns[^1].Parts is [.., ToolResultPart]).Parts.Add(result);
        }
        else if (item.Type.Is("item_reference"u8) && item.Id.ForPerson().StartsWith("rs_", StringComparison.Ordinal))
        {
            // Reasoning: what was said and called stands beside it.
            (TurnOf(turns, Role.Assistant, joins: true).Others ??= []).Add(item.Origin);
        }
        else if (item.Type.Is("item_reference"u8))
        {
            throw new DialectFaultException("An item by its id can only be sent to a provider of this dialect, which keeps it.", item.Origin);
        }
        else
        {
            var turn = TurnOf(turns, Role.Assistant, joins: true);
            if (!TryReadSaid(item, turn.Parts))
            {
                turn.Parts.Add(new ForeignPart { Origin = item.Origin });
            }
        }
    }

    private static Turn TurnOf(List<Turn> turns, Role role, bool joins)
    {
        if (joins && turns.Count > 0 && turns[^1].Role == role)
        {
            return turns[^1];
        }

        turns.Add(new Turn(role));
        return turns[^1];
    }

    // What an assistant says besides messages.
    private static bool TryReadSaid(in ItemFields item, List<ContentPart> parts)
    {
        if (item.Type.Is("function_call"u8))
        {
            parts.Add(item.Name.HasText ? new ToolCallPart { Id = item.CallId, Name = item.Name, Input = item.Arguments, Origin = item.Origin } : throw new DialectFaultException("A function's call must have a name.", item.Origin));
            return true;
        }

        if (item.Type.Is("reasoning"u8))
        {
            ReadReasoning(item, parts);
            return true;
        }

        return false;
    }

    // Its text is told, or a summary of it; what proves it is bound to the last piece.
    private static void ReadReasoning(in ItemFields item, List<ContentPart> parts)
    {
        if (EncryptedContent.IsRedacted(item.Encrypted))
        {
            parts.Add(new ReasoningPart { Redacted = EncryptedContent.Redacted(item.Encrypted), Origin = item.Origin });
            return;
        }

        var texts = new List<Json>();
        foreach (var list in new[] { item.Summary, item.Content })
        {
            var items = list.IsList && texts.Count == 0 ? list.Items() : default;
            while (items.Next())
            {
                var fields = items.Value.Fields();
                while (fields.Next())
                {
                    if (fields.Is("text"u8) && fields.Value.HasText)
                    {
                        texts.Add(fields.Value);
                    }
                }
            }
        }

        for (var i = 0; i < texts.Count; i++)
        {
            parts.Add(new ReasoningPart { Text = texts[i], Signature = i == texts.Count - 1 ? item.Encrypted : default, Origin = item.Origin });
        }

        if (texts.Count == 0 && item.Encrypted.HasText)
        {
            parts.Add(new ReasoningPart { Signature = item.Encrypted, Origin = item.Origin });
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
            parts.Add(ResponsePartReader.Read(items.Value));
        }
    }
}

/// <summary>The fields of an item that are looked at.</summary>
internal struct ItemFields
{
    public Json Origin;
    public Json Type;
    public Json Role;
    public Json Id;
    public Json CallId;
    public Json Name;
    public Json Arguments;
    public Json Content;
    public Json Summary;
    public Json Output;
    public Json Encrypted;

    /// <summary>Reads them.</summary>
    public static ItemFields Of(Json item)
    {
        var read = new ItemFields { Origin = item };
        var fields = item.Fields();
        while (fields.Next())
        {
            switch (fields.NameText)
            {
                case "type":
                    read.Type = fields.Value.Text();
                    break;
                case "role":
                    read.Role = fields.Value.Text();
                    break;
                case "id":
                    read.Id = fields.Value;
                    break;
                case "call_id":
                    read.CallId = fields.Value.Text();
                    break;
                case "name":
                    read.Name = fields.Value.IsString ? fields.Value : default;
                    break;
                case "arguments":
                    read.Arguments = fields.Value;
                    break;
                case "content":
                    read.Content = fields.Value;
                    break;
                case "summary":
                    read.Summary = fields.Value;
                    break;
                case "output":
                    read.Output = fields.Value;
                    break;
                case "encrypted_content":
                    read.Encrypted = fields.Value.IsString ? fields.Value : default;
                    break;
            }
        }

        return read;
    }
}
