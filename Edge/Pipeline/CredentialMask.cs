using System.Text;

namespace Sluice.Edge.Pipeline;

/// <summary>Takes our own credential out of a provider's error: some providers repeat what they were sent.</summary>
internal static class CredentialMask
{
    /// <summary>The bytes without the credential.</summary>
    public static ReadOnlyMemory<byte> Apply(ReadOnlyMemory<byte> answer, string credential)
    {
        var secret = Encoding.UTF8.GetBytes(credential);
        return answer.Span.IndexOf(secret) < 0
            ? answer
            : Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(answer.Span).Replace(credential, "***", StringComparison.Ordinal));
    }
}
