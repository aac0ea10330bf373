namespace Sluice.Bench.Storage;

/// <summary>A state of the size that budgets have.</summary>
internal sealed record Balance(string Unit, long Amount, string Note);
