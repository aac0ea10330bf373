using System.Collections.Concurrent;
using System.Numerics;

namespace Sluice.Edge.Metering;

/// <summary>
/// How many tokens the answers of each model had to one subject on this edge: what adaptive reservations begin with. Old answers fade: with each thousand of a model the
/// weight of those before is halved. Memory is bounded, and taken with a model's first answer. Safe for concurrent use.
/// </summary>
internal sealed class AnswerSizes
{
    /// <summary>Answers of a model before its share is told: of fewer a hundredth is less than one.</summary>
    public const int Enough = 100;

    private const int MostModels = 32;
    private const int HalvedAt = 1_000;
    private const double Share = 0.99;
    private ConcurrentDictionary<string, Sizes>? _models;

    /// <summary>So many tokens all but a hundredth of a model's answers had at most; null: not enough of them were seen.</summary>
    public long? Likely(string model) => Volatile.Read(ref _models)?.GetValueOrDefault(model)?.Likely();

    /// <summary>An answer has ended.</summary>
    public void Add(string model, long tokens)
    {
        var models = Volatile.Read(ref _models) ?? Interlocked.CompareExchange(ref _models, new(StringComparer.Ordinal), null) ?? _models;
        if (models.TryGetValue(model, out var sizes) || (models.Count < MostModels && (sizes = models.GetOrAdd(model, _ => new Sizes())) is not null))
        {
            sizes.Add(tokens);
        }
    }

    // Counts of answers, four to each doubling of their size: a size is known to a quarter.
    private sealed class Sizes
    {
        private const int Parts = 4;
        private const int Doublings = 40;
        private readonly ushort[] _counts = new ushort[Parts * Doublings];
        private int _total;

        public void Add(long tokens)
        {
            lock (_counts)
            {
                _counts[IndexOf(tokens)]++;
                if (++_total < HalvedAt)
                {
                    return;
                }

                _total = 0;
                for (var i = 0; i < _counts.Length; i++)
                {
                    _counts[i] /= 2;
                    _total += _counts[i];
                }
            }
        }

        public long? Likely()
        {
            lock (_counts)
            {
                if (_total < Enough)
                {
                    return null;
                }

                var above = _total - (int)Math.Ceiling(_total * Share);
                var index = _counts.Length - 1;
                while (index > 0 && (above -= _counts[index]) >= 0)
                {
                    index--;
                }

                return MostOf(index);
            }
        }

        // Below four each size is its own; from there the two bits after the first one tell the part.
        private static int IndexOf(long tokens)
        {
            var size = (ulong)Math.Clamp(tokens, 0, (1L << Doublings) - 1);
            var log = BitOperations.Log2(size | 1);
            return log < 2 ? (int)size : (Parts * (log - 1)) + (int)((size >> (log - 2)) & 3);
        }

        private static long MostOf(int index) => index < Parts ? index : ((Parts + (index % Parts) + 1L) << ((index / Parts) - 1)) - 1;
    }
}
