using System.Buffers;
using System.Text.Json;
using Sluice.Edge.Upstreams;

namespace Sluice.Edge.Targets;

/// <summary>Watches for the first bytes of a stream: before them nothing goes to the client, so that another target may answer.</summary>
/// <param name="output">Where the stream goes.</param>
/// <param name="trial">The request's attempts.</param>
/// <param name="deadline">Of the attempt.</param>
/// <param name="sentAt">The timestamp at which the request was sent.</param>
internal sealed class StreamBegin(IBufferWriter<byte> output, Trial trial, Deadline deadline, long sentAt) : IBufferWriter<byte>
{
    private bool _isTold;
    private bool _isJudged;

    /// <summary>Whether anything was written.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>Whether a break now leaves it to another attempt to answer.</summary>
    public bool MayBeMended => !HasBegun && !deadline.IsEnd;

    /// <summary>Whether it has still to begin; when it has, the target is known to be well.</summary>
    public bool IsAwaited(UpstreamAnswer answer)
    {
        if (HasBegun && !_isTold)
        {
            _isTold = true;
            trial.Answered(answer, trial.Since(sentAt), isStream: true);
        }

        return !HasBegun;
    }

    /// <summary>Looks at the first event: one that tells an error is for another attempt to mend, where there is one.</summary>
    /// <exception cref="ToldFailureException">It is an error, and another attempt can follow.</exception>
    public void Judge(ReadOnlySpan<byte> data)
    {
        if (_isJudged)
        {
            return;
        }

        _isJudged = true;
        if (MayBeMended && IsError(data) && trial.MayGoOnWithoutThis())
        {
            throw new ToldFailureException();
        }
    }

    public void Advance(int count)
    {
        HasBegun |= count > 0;
        output.Advance(count);
    }

    public Memory<byte> GetMemory(int sizeHint = 0) => output.GetMemory(sizeHint);

    public Span<byte> GetSpan(int sizeHint = 0) => output.GetSpan(sizeHint);

    // An object with an error, or of that type: so in every dialect.
    private static bool IsError(ReadOnlySpan<byte> data)
    {
        try
        {
            var reader = new Utf8JsonReader(data);
            while (reader.Read())
            {
                if (reader.TokenType is not JsonTokenType.PropertyName || reader.CurrentDepth != 1)
                {
                    continue;
                }

                var (isError, isType) = (reader.ValueTextEquals("error"u8), reader.ValueTextEquals("type"u8));
                reader.Read();
                if ((isError && reader.TokenType is JsonTokenType.StartObject) || (isType && reader.TokenType is JsonTokenType.String && reader.ValueTextEquals("error"u8)))
                {
                    return true;
                }

                reader.Skip();
            }
        }
        catch (JsonException)
        {
            // A word such as [DONE], or nothing that anybody reads.
        }

        return false;
    }
}
