namespace Sluice.Edge.Dialects.Neutral;

/// <summary>Changes an event's data on its way; null: it stays as it came.</summary>
internal delegate byte[]? EventEdit(ReadOnlySpan<byte> data);
