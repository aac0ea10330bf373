using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Edge.Metering.Journal;

/// <summary>Reads what <see cref="EntryWriter"/> wrote. Its checksum was right, so what cannot be read was written by something else.</summary>
internal ref struct EntryReader(ReadOnlySpan<byte> content)
{
    private ReadOnlySpan<byte> _rest = content;

    /// <summary>Stands for no units where something follows them.</summary>
    public static UnitCounts NoUnits { get; } = new(0, "", "", 0, 0);

    /// <summary>What it says; of the whole entry alone.</summary>
    public readonly EntryKind Kind => (EntryKind)_rest[0];

    /// <summary>Of an attempt's entry: whose record it is. Nothing else is read.</summary>
    /// <param name="known">A text that it probably is, and that is taken instead of a new one.</param>
    /// <param name="charges">Where its charges are read on.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is cut off.</exception>
    public readonly SettledMark Mark(string known, out EntryReader charges)
    {
        var reader = new EntryReader(_rest[1..]);
        reader.SkipText();
        reader.Skip(sizeof(long));
        var tenant = reader.Text(known);
        reader.SkipText();
        reader.SkipText();
        for (var tags = reader.Byte(); tags > 0; tags--)
        {
            reader.SkipText();
        }

        reader.SkipText();
        reader.SkipText();
        reader.SkipText();
        reader.Skip(9 * sizeof(long));
        reader.SkipText();
        reader.Skip(sizeof(byte) + (3 * sizeof(long)));
        var ended = reader.Time();
        reader.SkipText();
        reader.Skip(sizeof(long));
        charges = reader;
        for (var count = reader.Long(); count > 0; count--)
        {
            reader.WrittenCharge(out _);
        }

        return new SettledMark(tenant, UsageRows.DayOf(ended), reader.Long());
    }

    /// <summary>Of an entry that says that a lease ended: where the lease is read.</summary>
    public readonly EntryReader Lease() => new(_rest[1..]);

    /// <summary>How many charges follow.</summary>
    public long Count() => Long();

    /// <summary>The next charge: the lease's name as it was written, which is the same each time.</summary>
    public ReadOnlySpan<byte> WrittenCharge(out long amount)
    {
        var from = _rest;
        SkipText();
        SkipText();
        SkipText();
        Skip(sizeof(long));
        var name = from[..(from.Length - _rest.Length)];
        amount = Long();
        return name;
    }

    /// <summary>A lease's name, with an amount.</summary>
    public LeaseCharge Lease(long amount) => new(Text(), Text(), Text(), Long(), amount);

    /// <summary>The entry.</summary>
    /// <param name="at">Where it stands.</param>
    /// <exception cref="InvalidDataException">It is of a kind that is not known, or cut off.</exception>
    public JournalEntry Read(int at)
    {
        try
        {
            var kind = (EntryKind)Byte();
            return kind switch
            {
                EntryKind.Begun or EntryKind.Settled => new JournalEntry(kind, at, Attempt(), default, null),
                EntryKind.LeaseEnded => new JournalEntry(kind, at, null, Charge(), null),
                EntryKind.Carried => new JournalEntry(kind, at, null, default, new CarriedPart(Long(), (int)Long(), (int)Long(), Charges())),
                _ => throw new InvalidDataException($"an entry of a journal has the unknown kind {(byte)kind}"),
            };
        }
        catch (ArgumentOutOfRangeException e)
        {
            throw new InvalidDataException("an entry of a journal is shorter than what it should hold", e);
        }
    }

    private AttemptRecord Attempt()
    {
        var (request, attempt) = (Text(), (int)Long());
        var (tenant, key, user) = (Text(), Text(), Text());
        var tags = new string[Byte()];
        for (var i = 0; i < tags.Length; i++)
        {
            tags[i] = Text();
        }

        var (asked, target, prompt) = (Text(), Text(), Text());
        var tokens = new TokenCounts(Long(), Long(), Long(), Long(), Long(), Long(), Long(), Long());
        var (cost, price) = (Long(), Text());
        var (source, status) = ((UsageSource)Byte(), (int)Long());
        var (arrived, first, ended) = (Time(), Long(), Time());
        var (edge, revision) = (Text(), Long());
        return new AttemptRecord(
            request, attempt, tenant, key, user, [.. tags], asked, target, prompt, tokens, cost, price, source, status, arrived,
            first == 0 ? null : new DateTimeOffset(first, TimeSpan.Zero), ended, edge, revision, Charges())
        {
            Sequence = Long(),

            // Entries of earlier releases end here.
            Overdraft = _rest.IsEmpty ? 0 : Long(),
            Units = _rest.IsEmpty ? null : Units(),
            Saved = _rest.IsEmpty ? default : new SavedUse(Long(), Long(), Long()),
        };
    }

    private UnitCounts? Units() => new UnitCounts(Long(), Text(), Text(), Long(), Long()) is var units && !_rest.IsEmpty && units == NoUnits ? null : units;

    private DateTimeOffset Time() => new(Long(), TimeSpan.Zero);

    private ImmutableArray<LeaseCharge> Charges()
    {
        var charges = ImmutableArray.CreateBuilder<LeaseCharge>();
        for (var count = Long(); count > 0; count--)
        {
            charges.Add(Charge());
        }

        return charges.DrainToImmutable();
    }

    private LeaseCharge Charge() => new(Text(), Text(), Text(), Long(), Long());

    private byte Byte()
    {
        var value = _rest[..1][0];
        _rest = _rest[1..];
        return value;
    }

    private long Long()
    {
        var value = BinaryPrimitives.ReadInt64LittleEndian(_rest);
        _rest = _rest[sizeof(long)..];
        return value;
    }

    private string Text() => Encoding.UTF8.GetString(TextBytes());

    private string Text(string known) => TextBytes() is var bytes && Ascii.Equals(bytes, known) ? known : Encoding.UTF8.GetString(bytes);

    private void SkipText() => TextBytes();

    private ReadOnlySpan<byte> TextBytes()
    {
        var length = BinaryPrimitives.ReadUInt16LittleEndian(_rest);
        var bytes = _rest.Slice(sizeof(ushort), length);
        Skip(sizeof(ushort) + length);
        return bytes;
    }

    private void Skip(int bytes) => _rest = _rest[bytes..];
}
