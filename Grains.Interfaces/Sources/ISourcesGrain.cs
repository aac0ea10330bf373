using System.Collections.Immutable;
using Orleans.Concurrency;

namespace Sluice.Grains.Interfaces.Sources;

/// <summary>
/// The watched folders and Git checkouts of one workspace; its key is the workspace's name. Every silo that has a source in its settings asks for it; one is
/// given the watch, and another when that one has been silent. Nothing but work done twice follows from two watches: a publish is decided by the catalog.
/// It promises that the state of a source, as it was last reported, is durable. Described in docs/ways-in.md.
/// </summary>
[Alias("sluice.sources")]
public interface ISourcesGrain : IGrainWithStringKey
{
    /// <summary>A silo asks to watch a source, or goes on with it; false: another one watches.</summary>
    [Alias("claim")]
    Task<bool> ClaimAsync(SourceClaim claim);

    /// <summary>What became of a look at a source. Where that is another state than before, it is stored, told and logged.</summary>
    [Alias("report")]
    Task ReportAsync(SourceReport report);

    /// <summary>All sources that were ever watched, ordered by name.</summary>
    [Alias("list"), AlwaysInterleave]
    Task<ImmutableArray<SourceStatus>> ListAsync();
}

/// <summary>How a source stands.</summary>
public enum SourceState
{
    /// <summary>Nothing was read yet.</summary>
    Waiting,

    /// <summary>The active revision has what the source says.</summary>
    Applied,

    /// <summary>Something is wrong, and nothing was applied.</summary>
    Failed,
}

/// <summary>A silo's wish to watch a source.</summary>
/// <param name="Owner">As resources name it: <c>folder:base</c>.</param>
/// <param name="Path">Where it is read.</param>
/// <param name="Silo">Who asks.</param>
/// <param name="Every">How often it looks.</param>
[GenerateSerializer, Immutable, Alias("sluice.source-claim")]
public sealed record SourceClaim([property: Id(0)] string Owner, [property: Id(1)] string Path, [property: Id(2)] string Silo, [property: Id(3)] TimeSpan Every);

/// <summary>One thing that is wrong with a source.</summary>
/// <param name="File">Relative to the source's path; empty where it is about the source itself.</param>
/// <param name="Line">From 1 on; null where it is not known.</param>
/// <param name="Path">The place in the resource, such as <c>Route/checkout: split[0].weight</c>.</param>
/// <param name="Message">What is wrong and what would be right.</param>
[GenerateSerializer, Immutable, Alias("sluice.source-error")]
public sealed record SourceError([property: Id(0)] string File, [property: Id(1)] long? Line, [property: Id(2)] string Path, [property: Id(3)] string Message);

/// <summary>What became of a look at a source.</summary>
/// <param name="Revision">The revision that has it; null: as before.</param>
/// <param name="Commit">Of Git sources: what was read; else null.</param>
/// <param name="Errors">Empty where it is applied.</param>
[GenerateSerializer, Immutable, Alias("sluice.source-report")]
public sealed record SourceReport(
    [property: Id(0)] SourceClaim Claim, [property: Id(1)] SourceState State, [property: Id(2)] long? Revision, [property: Id(3)] string? Commit, [property: Id(4)] ImmutableArray<SourceError> Errors);

/// <summary>A source as it stands.</summary>
/// <param name="Revision">The revision by which it was last applied; null: never.</param>
/// <param name="Commit">Of Git sources: what was last applied, or null.</param>
/// <param name="Since">When this state began.</param>
/// <param name="Silo">Who watches it; null: nobody does now.</param>
[GenerateSerializer, Immutable, Alias("sluice.source-status")]
public sealed record SourceStatus(
    [property: Id(0)] string Owner,
    [property: Id(1)] string Path,
    [property: Id(2)] SourceState State,
    [property: Id(3)] long? Revision,
    [property: Id(4)] string? Commit,
    [property: Id(5)] ImmutableArray<SourceError> Errors,
    [property: Id(6)] DateTimeOffset Since,
    [property: Id(7)] string? Silo);
