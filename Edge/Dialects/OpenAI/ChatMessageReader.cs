using Sluice.Edge.Dialects.Neutral;

namespace Sluice.Edge.Dialects.OpenAI;

/// <summary>Reads the messages of a request, and the message of an answer, into turns and parts.</summary>
internal static class ChatMessageReader
{
    /// <summary>Reads all messages; those of tools are the user's.</summary>
    public static void Read(Json messages, List<Turn> turns)
    {
        var items = messages.Items();
        while (items.Next())
        {
            ReadMessage(items.Value, turns);
        }
    }

    /// <summary>Reads content that is text, or a list of parts.</summary>
    public static void ReadContent(Json content, List<ContentPart> parts)
    {
        if (content.IsString)
        {
            parts.Add(new TextPart { Text = content, Origin = content });
            return;
        }

        var items = content.Items();
        while (items.Next())
        {
            ChatPartReader.Read(items.Value, parts);
        }
    }

    /// <summary>Reads what an assistant said: of a request or of an answer.</summary>
    public static void ReadAssistant(in AssistantFields said, List<ContentPart> parts)
    {
        if (said.Thought.IsString)
        {
            parts.Add(new ReasoningPart { Text = said.Thought, Origin = said.Thought, Signature = ReasoningDetails.SignatureOf(said.ThoughtDetails) });
            ReasoningDetails.Read(said.ThoughtDetails, parts, onlyRedacted: true);
        }
        else
        {
            ReasoningDetails.Read(said.ThoughtDetails, parts, onlyRedacted: false);
        }

        ReadContent(said.Content, parts);
        if (said.Refusal.HasText)
        {
            parts.Add(new RefusalPart { Text = said.Refusal, Origin = said.Refusal });
        }

        ChatAnnotations.Read(said.Annotations, parts);
        var calls = said.ToolCalls.Items();
        while (calls.Next())
        {
            parts.Add(ReadCall(calls.Value));
        }
    }

    private static void ReadMessage(Json message, List<Turn> turns)
    {
        var (role, call, name) = (default(Json), default(Json), default(Json));
        var said = default(AssistantFields);
        var fields = message.Fields();
        while (fields.Next())
        {
            switch (fields.NameText)
            {
                case "role":
                    role = fields.Value;
                    break;
                case "tool_call_id":
                    call = fields.Value.Text();
                    break;
                case "name":
                    name = fields.Value.Text();
                    break;
                case "audio" or "function_call" when !fields.Value.IsNothing:
                    throw new DialectFaultException("It cannot be sent to a provider of another dialect.", fields.Value);
                case var other:
                    said.Take(other, fields.Value);
                    break;
            }
        }

        if (!name.IsNothing && !role.Is("tool"u8))
        {
            said.Name = name;
        }

        var turn = ToTurn(message, role, call, said);
        turn.Others = said.Others;
        turns.Add(turn);
    }

    private static Turn ToTurn(Json message, Json role, Json call, in AssistantFields said)
    {
        if (role.Is("tool"u8))
        {
            var result = new ToolResultPart { CallId = call, Origin = message };
            if (call.IsNothing)
            {
                throw new DialectFaultException("A tool's message must have a 'tool_call_id'.", message);
            }

            ReadContent(said.Content, result.Parts);
            return new Turn(Role.User) { Parts = { result } };
        }

        var turn = new Turn(role.Is("system"u8) || role.Is("developer"u8) ? Role.System : role.Is("user"u8) ? Role.User : role.Is("assistant"u8) ? Role.Assistant
            : throw (role.IsNothing ? new DialectFaultException("A message must have a role.", message) : role.Wrong("'system', 'developer', 'user', 'assistant' or 'tool'")));
        turn.Name = said.Name;
        if (turn.Role is Role.Assistant)
        {
            ReadAssistant(said, turn.Parts);
        }
        else
        {
            ReadContent(said.Content, turn.Parts);
        }

        return turn;
    }

    private static ToolCallPart ReadCall(Json call)
    {
        var (id, type, name, input) = (default(Json), default(Json), default(Json), default(Json));
        var fields = call.Fields();
        while (fields.Next())
        {
            if (fields.Is("id"u8))
            {
                id = fields.Value.Text();
            }
            else if (fields.Is("type"u8))
            {
                type = fields.Value;
            }
            else if (fields.Is("function"u8))
            {
                var function = fields.Value.Fields();
                while (function.Next())
                {
                    name = function.Is("name"u8) ? function.Value.Text() : name;
                    input = function.Is("arguments"u8) ? function.Value : input;
                }
            }
        }

        return !name.HasText || (!type.IsNothing && !type.Is("function"u8))
            ? throw new DialectFaultException("Only calls of a named function can be sent to another dialect.", call)
            : new ToolCallPart { Id = id, Name = name, Input = input, Origin = call };
    }
}

/// <summary>The fields of what an assistant says, whole or in pieces.</summary>
internal struct AssistantFields
{
    public Json Content;
    public Json Thought;
    public Json ThoughtDetails;
    public Json Refusal;
    public Json ToolCalls;
    public Json Annotations;
    public Json Name;
    public List<Json>? Others;

    /// <summary>Takes a field, also under the names that compatible providers give it.</summary>
    public void Take(string name, Json value)
    {
        switch (name)
        {
            case "content":
                Content = value;
                break;
            case "reasoning_content":
                Thought = value.IsString ? value : Thought;
                break;
            case "reasoning":
                Thought = Thought.IsNothing && value.IsString ? value : Thought;
                break;
            case "reasoning_details":
                ThoughtDetails = value;
                break;
            case "refusal":
                Refusal = value.Text();
                break;
            case "tool_calls":
                ToolCalls = value;
                break;
            case "annotations":
                Annotations = value;
                break;
            default:
                if (!value.IsNothing)
                {
                    (Others ??= []).Add(value);
                }

                break;
        }
    }
}
