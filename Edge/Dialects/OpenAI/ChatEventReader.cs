using System.Buffers;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Edge.Dialects.OpenAI;

/// <summary>Reads the chunks of a streamed chat completion. What compatible providers do otherwise is read as they mean it: no index of a tool, one index for all of them, no name of the answer.</summary>
internal sealed class ChatEventReader : EventReader
{
    private const int UnknownStatus = 502;
    private readonly ChatDeltaReader _deltas = new();
    private bool _begun;
    private bool _ended;

    public override bool IsWhole => _ended || _deltas.HasStopped;

    public override void Read(ReadOnlyMemory<byte> data, EventWriter to, IBufferWriter<byte> output)
    {
        if (data.Span.Trim(" \t"u8).SequenceEqual("[DONE]"u8))
        {
            _ended = true;
            return;
        }

        var chunk = default(Chunk);
        chunk.Read(Json.OfBody(data));
        if (!chunk.Error.IsNothing)
        {
            var failure = chunk.Error.IsObject ? ChatFailures.Read(0, chunk.Error) : new Failure(0, chunk.Error.ToString());
            to.Write(new StreamEvent(StreamEventKind.Error) { Failure = failure.Status < 400 ? failure with { Status = UnknownStatus } : failure }, output);
            HasFailed = true;
            return;
        }

        var items = chunk.Choices.Items();
        while (items.Next())
        {
            if (!_begun)
            {
                _begun = true;
                to.Write(new StreamEvent(StreamEventKind.Start) { Id = chunk.Id, Name = chunk.Model, Created = chunk.Created, Fingerprint = chunk.Fingerprint }, output);
            }

            _deltas.Read(items.Value, to, output);
        }

        if (chunk.Usage is { } usage)
        {
            to.Write(new StreamEvent(StreamEventKind.Usage) { Usage = usage }, output);
        }
    }

    private struct Chunk
    {
        public Json Id;
        public Json Model;
        public Json Created;
        public Json Fingerprint;
        public Json Choices;
        public Json Error;
        public TokenCounts? Usage;

        public void Read(Json body)
        {
            var fields = body.Fields();
            while (fields.Next())
            {
                var value = fields.Value;
                if (value.IsNothing)
                {
                    continue;
                }

                if (fields.Is("choices"u8))
                {
                    Choices = value;
                }
                else if (fields.Is("id"u8))
                {
                    Id = value.IsString ? value : default;
                }
                else if (fields.Is("model"u8))
                {
                    Model = value.IsString ? value : default;
                }
                else if (fields.Is("created"u8))
                {
                    Created = value.IsNumber ? value : default;
                }
                else if (fields.Is("system_fingerprint"u8))
                {
                    Fingerprint = value.IsString ? value : default;
                }
                else if (fields.Is("usage"u8))
                {
                    Usage = TokenUsage.Read(value.Span) ?? Usage;
                }
                else if (fields.Is("error"u8))
                {
                    Error = value;
                }
                else if (fields.Is("x_groq"u8) && value.IsObject)
                {
                    // Groq tells the usage of a stream here, also to who did not ask for it.
                    var inner = value.Fields();
                    while (inner.Next())
                    {
                        Usage = inner.Is("usage"u8) ? TokenUsage.Read(inner.Value.Span) ?? Usage : Usage;
                    }
                }
            }
        }
    }
}
