using Sluice.Edge.Metering;
using Sluice.Edge.Pipeline;

namespace Sluice.Edge.Targets;

/// <summary>How an attempt failed that another one may follow: told to the client where none does. Exactly one of the first two is set.</summary>
/// <param name="Error">What the gateway says of it.</param>
/// <param name="Body">What the provider said, in the caller's dialect; its head is in the answer already.</param>
/// <param name="Settlement">What it used.</param>
internal sealed record HeldFailure(ClientError? Error, byte[]? Body, Settlement Settlement);
