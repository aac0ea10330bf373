namespace Sluice.Edge.Upstreams.Http1;

/// <summary>An upstream's answer that HTTP/1.1 does not allow, or that two readers could take for different answers.</summary>
internal sealed class MalformedAnswerException(string what) : IOException($"The upstream's answer is no HTTP/1.1 that can be trusted: {what}.");
