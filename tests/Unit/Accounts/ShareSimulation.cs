using System.Collections.Immutable;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Sluice.Edge.Metering;
using Sluice.Grains.Interfaces.Limits;
using Sluice.Grains.Limits;
using Sluice.Revisions.Resources;
using RateShare = Sluice.Edge.Metering.RateShare;

namespace Sluice.Tests.Unit.Accounts;

/// <summary>
/// One limit divided between edges that join, leave, die and are silent for a while, over a network that loses, doubles and delays, with a grain that is
/// activated anew now and then. The rules on both sides are the real ones; time and chance come from a seed. See docs/accounting.md, "Limits".
/// </summary>
internal sealed class ShareSimulation(int seed, Func<RateLease, LimitResource, RateLease> mutate)
{
    private const int Steps = 400;
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(3);
    private readonly Random _random = new(seed);
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2000, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly List<SimulatedEdge> _edges = [];
    private readonly PriorityQueue<Action, TimeSpan> _network = new();
    private readonly DateTimeOffset _origin = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private ShareTable _table = new(Length);
    private (ImmutableArray<HeldShare> Held, (long, long) Spare, TimeSpan At)? _stored;
    private int _started;
    private long _admitted;
    private double _lowest = double.MaxValue;

    private TimeSpan Now => _time.GetUtcNow() - _origin;

    /// <summary>How many requests were admitted.</summary>
    public long Admitted => _admitted;

    /// <summary>How many of them the grain decided on.</summary>
    public long AskedFor { get; private set; }

    /// <summary>Whether what the grain let pass is stored before it is answered.</summary>
    public bool StoresTakes { get; init; } = true;

    private LimitResource Limit { get; } = new(
        "rate", new Subject(SubjectScope.Tenant, "acme"), new Rate(TimeSpan.FromSeconds(seed % 5 == 0 ? 60 : 1), 1 + (seed % 40), 1 + (seed / 3 % 60)), null, null, WhenUnreachable.Closed);

    private double PerSecond => Limit.Requests!.Amount / Limit.Requests.Per.TotalSeconds;

    /// <summary>Runs to the end, or to the first step after which something is wrong: what, or null.</summary>
    public string? Run()
    {
        for (var step = 0; step < Steps; step++)
        {
            // Seldom a long quiet time, in which leases end.
            _time.Advance(TimeSpan.FromMilliseconds(_random.Next(60) == 0 ? _random.Next(8_000) : _random.Next(250)));
            while (_network.TryPeek(out _, out var due) && due <= Now)
            {
                _network.Dequeue()();
            }

            Act();
            var believed = _edges.Sum(e => e.Holds);
            if (believed > RateLease.Whole)
            {
                return $"step {step}: edges believe to hold {believed} millionths";
            }

            if (Excess() is { } excess)
            {
                return $"Q6: step {step}: {excess}";
            }
        }

        return null;
    }

    private void Act()
    {
        switch (_random.Next(20))
        {
            case 0 when _edges.Count < 5:
                _edges.Add(new SimulatedEdge($"edge-{++_started}", Limit, _time));
                break;
            case 1 when _edges.Count > 1:
                // Dies: nobody hears of it.
                _edges.RemoveAt(_random.Next(_edges.Count));
                break;
            case 2 when _edges.Count > 0:
                var gone = _edges[_random.Next(_edges.Count)];
                Send(gone.Return());
                break;
            case 3 when _random.Next(4) == 0:
                Restart();
                break;
            case < 9 when _edges.Count > 0:
                var asking = _edges[_random.Next(_edges.Count)];
                if (asking.Ask(_random.Next(100)) is { } demand)
                {
                    Send(demand, asking);
                }

                break;
            case < 12 when _edges.Exists(edge => edge.IsCold):
                // One of those whom the grain decides for: some questions only give back.
                var cold = _edges.Find(edge => edge.IsCold)!;
                Send(cold.Question(_random.Next(5) == 0 ? 0 : 1), cold);
                break;
            case var _ when _edges.Count > 0:
                Admit(_edges[_random.Next(_edges.Count)], _random.Next(1, 40));
                break;
        }
    }

    private void Admit(SimulatedEdge edge, int wanted)
    {
        for (var i = 0; i < wanted && edge.TryTake(); i++)
        {
            Enter();
        }
    }

    private string? Excess()
    {
        var most = Limit.Requests!.Burst + 0.000_1;
        var over = _admitted - (PerSecond * Now.TotalSeconds) - _lowest;
        return over > most ? $"an interval had {over - most:0.###} requests more than {PerSecond:0.###} a second and {Limit.Requests.Burst} at once" : null;
    }

    private void Send(RateDemand demand, SimulatedEdge edge) => Deliver(() =>
    {
        var lease = mutate(_table.Lease(demand, Limit, Now), Limit);
        Store();
        Deliver(() => edge.Answer(demand.Number, lease));
    });

    private void Send(RateTake take, SimulatedEdge edge) => Deliver(() =>
    {
        var taken = _table.Take(take, Limit, Now);
        if (StoresTakes && (_stored is not { } stored || _table.IsBelow(stored.Spare, Now - stored.At, Limit)))
        {
            _stored = (_stored?.Held ?? [], _table.SpareAhead(Limit), Now);
        }

        if (!taken.IsTaken || take.Requests == 0)
        {
            return;
        }

        // The moment of the decision counts. What is not used, since another level refuses, is given back with a later question.
        if (_random.Next(4) != 0)
        {
            Enter();
            AskedFor++;
            return;
        }

        Deliver(() => edge.Unused += edge.Answer(take.Number) ? 1 : 0);
    });

    private void Enter()
    {
        // Every interval that ends here: the admitted ones in it are at most R·T + burst.
        _lowest = Math.Min(_lowest, _admitted - (PerSecond * Now.TotalSeconds));
        _admitted++;
    }

    private void Send(RateReturn? share)
    {
        if (share is not null)
        {
            Deliver(() =>
            {
                _table.Return(share, Limit, Now);
                Store();
            });
        }
    }

    // Lost, doubled, late by up to the bound of a call.
    private void Deliver(Action message)
    {
        for (var copies = _random.Next(10) switch { 0 => 0, 1 => 2, _ => 1 }; copies > 0; copies--)
        {
            _network.Enqueue(message, Now + TimeSpan.FromMilliseconds(_random.Next(3) == 0 ? _random.Next(2_000) : _random.Next(30)));
        }
    }

    private void Store()
    {
        var held = _table.Held(Now).Select(h => h with { Left = default }).OrderBy(h => h.Edge, StringComparer.Ordinal).ToImmutableArray();
        if (_stored is null || !held.SequenceEqual(_stored.Value.Held))
        {
            _stored = (held, _table.Spare, Now);
        }
    }

    private void Restart()
    {
        _table = new ShareTable(Length);
        if (_stored is { } stored)
        {
            _table.Restore(stored.Held, stored.Spare, stored.At, Now);
        }
    }

    private sealed class SimulatedEdge(string name, LimitResource limit, FakeTimeProvider time)
    {
        private static readonly TimeSpan CallBound = TimeSpan.FromSeconds(2);
        private readonly MeterContext _context = new(name, time, NullLogger.Instance);
        private RateHolding? _holding;
        private readonly HashSet<long> _answered = [];
        private long _number;
        private long _takes;
        private (long Number, long Asked)? _asked;

        public long Holds => Share is { } share && _context.Now < share.EndsAt ? share.Lease.Share : 0;

        private RateHolding Holding => _holding ??= new RateHolding(_context, limit, 1);

        private RateShare? Share => Holding.Share;

        public bool TryTake() => Share is { Requests: { } bucket } share && _context.Now < share.EndsAt
            && bucket.TryTake(1, _context.SinceOrigin(_context.Now), out _) == Take.Taken;

        public RateDemand? Ask(double demand)
        {
            if (_asked is { } running && _context.Now - running.Asked < _context.Ticks(CallBound))
            {
                return null;
            }

            _asked = (++_number, _context.Now);
            var spare = Holding.TakeSpare();
            return new RateDemand(name, demand, 0, 0, 1, _number, Share?.Lease.Share ?? 0, 0, spare.Requests, spare.Tokens);
        }

        public void Answer(long number, RateLease lease)
        {
            if (_asked is { } running && running.Number == number && _context.Now - running.Asked < _context.Ticks(CallBound))
            {
                _asked = null;
                Holding.Take(lease, running.Asked, 1);
            }
        }

        public bool IsCold => Share is { Lease.IsCold: true };

        public long Unused { get; set; }

        public RateTake Question(int requests)
        {
            var back = Unused;
            Unused = 0;
            return new RateTake(name, ++_takes, requests, 0, 1, back * Gcra.Item, 0);
        }

        // An answer that comes twice is of one question.
        public bool Answer(long number) => _answered.Add(number);

        public RateReturn? Return()
        {
            if (Share is null || (_asked is { } running && _context.Now - running.Asked < _context.Ticks(CallBound)))
            {
                return null;
            }

            var credit = Holding.Drop();
            return new RateReturn(name, ++_number, credit.Requests, credit.Tokens);
        }
    }
}
