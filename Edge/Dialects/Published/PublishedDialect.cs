using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Edge.Dialects.OpenAI;
using Sluice.Edge.Prompts;

namespace Sluice.Edge.Dialects.Published;

/// <summary>
/// A prompt as an API of its own: the request is its variables, the answer <c>{"text", "output", "finishReason", "usage"}</c>, errors are problem details (RFC 9457). Once it is rendered it is
/// a chat completion. Described in docs/prompts.md.
/// </summary>
internal sealed class PublishedDialect : ClientOnlyDialect
{
    public override string Name => "published";

    // Of Anthropic's own.
    public override void PutPrompt(RenderedPrompt prompt, JsonObject body) => ChatPrompt.Put(prompt, body);

    public override RequestScan Scan(ReadOnlyMemory<byte> body, string? path, out RequestFault? fault) => RequestScan.Read(body.Span, InputField.Messages, out fault);

    public override Conversation ReadRequest(Json body, Losses losses)
    {
        var conversation = ChatRequestReader.Read(body);
        conversation.IncludeUsage = true;
        return conversation;
    }

    public override void WriteAnswer(Answer answer, Asked asked, Utf8JsonWriter writer, Losses losses) => PublishedAnswer.Write(answer, writer, losses);

    public override EventWriter WriteStream(Asked asked, Losses losses) => new PublishedEventWriter(losses);

    public override byte[] WriteFailure(Failure failure, string? requestId)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer, JsonText.Options))
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, $"urn:sluice:problem:{(failure.Code ?? "error").Replace('_', '-')}");
            writer.WriteString("title"u8, Microsoft.AspNetCore.WebUtilities.ReasonPhrases.GetReasonPhrase(failure.Status));
            writer.WriteNumber("status"u8, failure.Status);
            writer.WriteString("detail"u8, failure.Message);
            if (failure.Field is not null)
            {
                writer.WriteString("field"u8, failure.Field);
            }

            if (requestId is not null)
            {
                writer.WriteString("requestId"u8, requestId);
            }

            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    public override byte[] WriteFailureEvent(Failure failure) => [.. "event: error\ndata: "u8, .. WriteFailure(failure, null), .. "\n\n"u8];
}
