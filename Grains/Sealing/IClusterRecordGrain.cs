using Orleans.Runtime;

namespace Sluice.Grains.Sealing;

/// <summary>One text for the whole cluster that is written once, for example the wrapped keyring; its key names it. Only silos call it.</summary>
[Alias("sluice.cluster-record")]
internal interface IClusterRecordGrain : IGrainWithStringKey
{
    /// <summary>The text, or null.</summary>
    [Alias("get")]
    Task<string?> GetAsync();

    /// <summary>Stores the text where there is none; answers what is stored then.</summary>
    [Alias("add")]
    Task<string> AddAsync(string text);
}

/// <summary>What is stored of a cluster record.</summary>
internal sealed record ClusterRecord(string? Text)
{
    public ClusterRecord()
        : this(Text: null)
    {
    }
}

[GrainType("cluster-record")]
internal sealed class ClusterRecordGrain : Grain, IClusterRecordGrain
{
    private readonly Durable<ClusterRecord> _record;

    public ClusterRecordGrain([PersistentState("cluster-record")] IPersistentState<ClusterRecord> record) => _record = new(this, record);

    public Task<string?> GetAsync() => Task.FromResult(_record.Value.Text);

    public async Task<string> AddAsync(string text)
    {
        if (_record.Value.Text is null)
        {
            await _record.WriteAsync(new ClusterRecord(text));
        }

        return _record.Value.Text!;
    }
}
