namespace Sluice.Edge.Access;

/// <summary>No access token could be had for a service account. Nothing was sent to the provider.</summary>
/// <param name="why">For a person, and in no case with a part of a key or token.</param>
internal sealed class AccessRefusedException(string why) : Exception(why);
