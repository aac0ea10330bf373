namespace Sluice.Edge.Dialects.Neutral;

/// <summary>Looks at an event of a stream before it is read or passed on.</summary>
/// <param name="data">Its data, as the provider sent it.</param>
internal delegate void EventJudge(ReadOnlySpan<byte> data);
