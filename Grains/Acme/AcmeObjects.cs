using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Sluice.Grains.Acme;

/// <summary>What a server offers (RFC 8555, section 7.1.1).</summary>
internal sealed record AcmeDirectory(Uri? NewNonce, Uri? NewAccount, Uri? NewOrder, AcmeMeta? Meta);

/// <summary>What a server says of itself.</summary>
internal sealed record AcmeMeta(string? TermsOfService, bool ExternalAccountRequired);

/// <summary>An order (section 7.1.3).</summary>
internal sealed record AcmeOrder(string Status, ImmutableArray<Uri> Authorizations, Uri? Finalize, Uri? Certificate, AcmeProblem? Error);

/// <summary>An authorization (section 7.1.4).</summary>
internal sealed record AcmeAuthorization(AcmeIdentifier Identifier, string Status, ImmutableArray<AcmeChallenge> Challenges);

/// <summary>Whom something is for.</summary>
internal sealed record AcmeIdentifier(string Type, string Value);

/// <summary>A challenge (section 8).</summary>
internal sealed record AcmeChallenge(string Type, Uri? Url, string Status, string? Token, AcmeProblem? Error);

/// <summary>Why something failed (section 6.7; RFC 7807).</summary>
internal sealed record AcmeProblem(string? Type, string? Detail, ImmutableArray<AcmeProblem> Subproblems, AcmeIdentifier? Identifier)
{
    private const string Namespace = "urn:ietf:params:acme:error:";
    private const int MostSubproblems = 5;
    private const int MostText = 600;

    /// <summary>The type without the namespace of ACME.</summary>
    [JsonIgnore]
    public string Name => Type is null ? "unknown" : Type.StartsWith(Namespace, StringComparison.Ordinal) ? Type[Namespace.Length..] : Type;

    /// <summary>For people, in one line.</summary>
    public string Tell()
    {
        var parts = Subproblems.IsDefaultOrEmpty ? [] : Subproblems.Take(MostSubproblems).Select(sub => $"{sub.Identifier?.Value ?? "?"}: {sub.Tell()}");
        var text = string.Join("; ", parts.Prepend(string.IsNullOrWhiteSpace(Detail) ? Name : $"{Name}: {Detail}"));

        // Others wrote it: no line ends, no controls, and no more than somebody reads.
        return string.Concat((text.Length <= MostText ? text : $"{text[..MostText]}…").Select(c => char.IsControl(c) ? ' ' : c));
    }
}
