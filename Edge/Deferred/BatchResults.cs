using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text.Json;
using Sluice.Edge.Dialects.OpenAI;
using Sluice.Grains.Interfaces.Deferred;
using Sluice.Grains.Interfaces.Usage;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Deferred;

/// <summary>
/// What the answers of a batch have used, from the lines of its files: each is priced by itself, for prices have tiers. One that was answered and tells no usage counts by its own request, where
/// that is shown, and else as the largest of the batch.
/// </summary>
/// <param name="work">As it was admitted.</param>
internal sealed class BatchResults(DeferredWork work)
{
    private readonly Price? _price = work.Price is { } kept ? DeferredPrices.Open(kept) : null;
    private TokenCounts _tokens;
    private long _nano;
    private long _requests;
    private bool _isEstimated;

    // By hashes of the ids that their requests have in the file: how many bytes the answer has.
    private readonly Dictionary<ulong, long> _untold = [];

    /// <summary>Whether answers told no usage whose requests would tell more.</summary>
    public bool LacksRequests => _untold.Count > 0;

    /// <summary>What all lines came to. Nothing is taken after it.</summary>
    public DeferredEnd End()
    {
        foreach (var _ in _untold)
        {
            Add(work.Largest, work.LargestNano);
        }

        _untold.Clear();
        return new DeferredEnd(_isEstimated ? UsageSource.Estimated : UsageSource.Reported, _tokens, _nano, _requests, 200, IsBatch: true);
    }

    /// <summary>Shows a request of the batch, after all answers.</summary>
    /// <param name="line">Of the file that its provider read.</param>
    public void TakeRequest(ReadOnlySpan<byte> line)
    {
        if (BatchLine.Read(line) is { CustomId: { } id } request && _untold.Remove(HashOf(id), out var answerBytes))
        {
            var tokens = BatchEstimate.Of(work, request, line.Slice(request.Body.Start, request.Body.Length), answerBytes);
            Add(tokens, _price is null ? 0 : Math.Min(work.LargestNano, Costs.Of(_price, tokens, work.Price!.MarkUp, isBatch: true)));
        }
    }

    /// <summary>Counts a line.</summary>
    /// <param name="line">Without its end.</param>
    /// <param name="isTooLong">Whether there was more of it, so that what it used is not known.</param>
    public void Take(ReadOnlySpan<byte> line, bool isTooLong)
    {
        if (!isTooLong && line.Trim(" \t\r"u8).IsEmpty)
        {
            return;
        }

        var (status, usage, id) = Read(line);
        (status, usage) = isTooLong ? (200, null) : (status, usage);
        if (status is null)
        {
            // It was not asked for: the batch had ended before.
            return;
        }

        _requests++;
        if (usage is { } told)
        {
            Add(told, _price is null ? 0 : Costs.Of(_price, told, work.Price!.MarkUp, isBatch: true));
        }
        else if (status < 400)
        {
            _isEstimated = true;
            if (id is null || !_untold.TryAdd(HashOf(id), isTooLong ? long.MaxValue : line.Length))
            {
                Add(work.Largest, work.LargestNano);
            }
        }
    }

    private void Add(in TokenCounts more, long nano)
    {
        _tokens = new TokenCounts(
            _tokens.Input + more.Input, _tokens.CachedRead + more.CachedRead, _tokens.CacheWrite + more.CacheWrite, _tokens.InputImage + more.InputImage,
            _tokens.InputAudio + more.InputAudio, _tokens.Output + more.Output, _tokens.Reasoning + more.Reasoning, _tokens.OutputAudio + more.OutputAudio);
        _nano = Costs.Saturate((Int128)_nano + nano);
    }

    private static ulong HashOf(string id) => XxHash3.HashToUInt64(MemoryMarshal.AsBytes(id.AsSpan()));

    // A line that cannot be read stands for an answer all the same.
    private static (int? Status, TokenCounts? Usage, string? Id) Read(ReadOnlySpan<byte> line)
    {
        var reader = new Utf8JsonReader(line);
        (int? Status, TokenCounts? Usage) found = default;
        string? id = null;
        try
        {
            reader.Read();
            while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
            {
                var (isResponse, isId) = (reader.Is("response"u8), reader.Is("custom_id"u8));
                reader.Read();
                if (isResponse && reader.TokenType is JsonTokenType.StartObject)
                {
                    found = ReadResponse(ref reader);
                }
                else if (isId && reader.TokenType is JsonTokenType.String)
                {
                    id = reader.GetString();
                }
                else
                {
                    reader.Skip();
                }
            }

            return (found.Status, found.Usage, id);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return (found.Status ?? 200, found.Usage, id);
        }
    }

    private static (int? Status, TokenCounts? Usage) ReadResponse(ref Utf8JsonReader reader)
    {
        var status = 200;
        TokenCounts? usage = null;
        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            var (isStatus, isBody) = (reader.Is("status_code"u8), reader.Is("body"u8));
            reader.Read();
            if (isStatus && reader.TokenType is JsonTokenType.Number && reader.TryGetInt32(out var told))
            {
                status = told;
            }
            else if (isBody && reader.TokenType is JsonTokenType.StartObject)
            {
                usage = ReadUsage(ref reader) ?? usage;
            }
            else
            {
                reader.Skip();
            }
        }

        return (status, usage);
    }

    private static TokenCounts? ReadUsage(ref Utf8JsonReader reader)
    {
        TokenCounts? usage = null;
        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            var isUsage = reader.Is("usage"u8);
            reader.Read();
            if (isUsage)
            {
                usage = TokenUsage.Read(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }

        return usage;
    }
}
