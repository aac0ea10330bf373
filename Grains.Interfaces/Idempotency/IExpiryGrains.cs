namespace Sluice.Grains.Interfaces.Idempotency;

/// <summary>The idempotency keys whose windows end in one span of time; key: <c>workspace|slot|shard</c>. It promises: a key that was added is found by the sweep.</summary>
[Alias("sluice.expiry-shelf")]
public interface IExpiryShelfGrain : IGrainWithStringKey
{
    /// <summary>Adds the key of an <see cref="IIdempotencyGrain"/>; durable when it returns.</summary>
    [Alias("add")]
    Task AddAsync(string key);

    /// <summary>Has every key on it expire, and is empty then.</summary>
    [Alias("clear")]
    Task ClearAsync();
}

/// <summary>Which spans of time a workspace has keys for; key: the workspace. Past ones are swept whenever a new one is begun.</summary>
[Alias("sluice.expiry-sweep")]
public interface IExpirySweepGrain : IGrainWithStringKey
{
    /// <summary>A shelf of this slot is about to get its first key; durable when it returns.</summary>
    [Alias("note")]
    Task NoteAsync(long slot);
}
