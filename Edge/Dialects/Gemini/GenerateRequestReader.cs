using Sluice.Edge.Dialects.Neutral;

namespace Sluice.Edge.Dialects.Gemini;

/// <summary>Reads a request for content. Fields: https://ai.google.dev/api/generate-content.</summary>
internal static class GenerateRequestReader
{
    /// <summary>Reads it; the model and whether it is streamed stand in its path.</summary>
    public static Conversation Read(Json body)
    {
        // The stream of this dialect always tells usage.
        var conversation = new Conversation { IncludeUsage = true };
        ReadFields(body, conversation);
        return conversation;
    }

    private static void ReadFields(Json body, Conversation conversation)
    {
        var fields = body.Fields();
        while (fields.Next())
        {
            if (!fields.Value.IsNothing && !TryRead(conversation, CamelNames.Of(fields.NameText), fields.Value))
            {
                ReadExtra(conversation, CamelNames.Of(fields.NameText), fields.Value);
            }
        }
    }

    private static bool TryRead(Conversation conversation, string name, Json value)
    {
        switch (name)
        {
            case "model":
                return true;
            case "contents":
                ReadContents(value, conversation.Turns);
                return true;
            case "systemInstruction":
                conversation.Turns.Insert(0, ReadContent(value, Role.System, null));
                return true;
            case "generationConfig":
                GenerateConfigReader.Read(value, conversation);
                return true;
            case "tools":
                GenerateToolReader.Read(value, conversation);
                return true;
            case "toolConfig":
                GenerateToolReader.ReadConfig(value, conversation);
                return true;
            case "generateContentRequest":
                ReadFields(value, conversation);
                return true;
            default:
                return false;
        }
    }

    private static void ReadExtra(Conversation conversation, string name, Json value) => conversation.Extras.Add(new Extra(
        value, name is "cachedContent" ? "what a provider keeps is known to it alone" : null));

    private static void ReadContents(Json contents, List<Turn> turns)
    {
        var ids = new CallIds();
        if (contents.IsObject)
        {
            turns.Add(ReadContent(contents, null, ids));
            return;
        }

        var items = contents.Items();
        while (items.Next())
        {
            turns.Add(ReadContent(items.Value, null, ids));
        }
    }

    private static Turn ReadContent(Json content, Role? asRole, CallIds? ids)
    {
        if (content.IsString)
        {
            var only = new Turn(asRole ?? Role.User);
            only.Parts.Add(new TextPart { Text = content, Origin = content });
            return only;
        }

        var (role, parts) = (default(Json), default(Json));
        var fields = content.Fields();
        while (fields.Next())
        {
            role = fields.Is("role"u8) ? fields.Value.Text() : role;
            parts = fields.Is("parts"u8) ? fields.Value : parts;
        }

        var turn = new Turn(asRole ?? (role.Is("model"u8) ? Role.Assistant
            : role.IsNothing || role.IsEmptyString || role.Is("user"u8) || role.Is("function"u8) ? Role.User
            : throw role.Wrong("'user' or 'model'")));
        if (parts.IsNothing)
        {
            throw new DialectFaultException("A content must have parts.", content);
        }

        // Signatures of a client's words are nobody's loss: only who made them asks for them.
        if (parts.IsObject)
        {
            parts = new Json((byte[])[.. "["u8, .. parts.Span, .. "]"u8], -1);
        }

        PartReader.ReadAll(parts, turn.Parts, ids, new Losses());
        return turn;
    }
}
