using System.Text.RegularExpressions;
using Sluice.Revisions.Resources;

namespace Sluice.Revisions.Reading;

/// <summary>Reads <c>Provider</c>.</summary>
internal static partial class ProviderReader
{
    private static readonly Timeouts Defaults = new(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(300), TimeSpan.FromSeconds(100));

    public static Resource Read(string name, Fields fields)
    {
        var preset = ReadPreset(fields);
        var dialect = fields.OneOf<ProviderDialect>("dialect", fallback: preset?.Dialect ?? ProviderDialect.Openai);
        var sandbox = dialect is ProviderDialect.Sandbox;
        var address = fields.Address("address", required: !sandbox && (preset is null ? !fields.Has("preset") : preset.Address is null)) ?? preset?.Address;
        var header = fields.TextOrNull("header") ?? preset?.Header;
        if (header is not null && !HeaderName().IsMatch(header))
        {
            fields.Wrong("header", $"must be the name of a header, such as api-key; is '{header}'");
        }

        var rotation = fields.OneOf<CredentialRotation>("rotation", CredentialRotation.Weighted);
        var credentials = fields.Objects("credentials", required: false, item => ReadCredential(item, rotation));
        if (!sandbox && credentials.Length < 2 && fields.Has("rotation"))
        {
            fields.Wrong("rotation", "has no effect with less than two credentials; leave it out");
        }

        foreach (var field in sandbox ? new[] { "preset", "address", "header", "credentials", "rotation", "timeouts", "ejection" } : [])
        {
            if (fields.Has(field))
            {
                fields.Wrong(field, "has no effect with dialect sandbox, which lives inside the edge; leave it out");
            }
        }

        return new ProviderResource(name, dialect, address, credentials, UpstreamReader.ReadTimeouts(fields, Defaults)) { Header = header, Rotation = rotation, Ejection = EjectionReader.Read(fields) };
    }

    private static ProviderPreset? ReadPreset(Fields fields)
    {
        if (fields.TextOrNull("preset") is not { } name)
        {
            return null;
        }

        var preset = ProviderPresets.Find(name);
        if (preset is null)
        {
            fields.Wrong("preset", $"must be one of {string.Join(", ", ProviderPresets.All.Select(p => p.Name))}; is '{name}'");
        }

        return preset;
    }

    private static CredentialSource ReadCredential(Fields fields, CredentialRotation rotation)
    {
        var secret = fields.TextOrNull("secret");
        var env = fields.TextOrNull("env");
        if (secret is null == env is null)
        {
            fields.Wrong("secret", "exactly one of secret and env must be there");
        }

        if (env is not null && !Environment().IsMatch(env))
        {
            fields.Wrong("env", $"must be the name of an environment variable, such as OPENAI_API_KEY; is '{env}'");
        }

        if (rotation is CredentialRotation.LeastUsed && fields.Has("weight"))
        {
            fields.Wrong("weight", "has no effect with rotation leastUsed; leave it out");
        }

        return new CredentialSource(secret, env, (int)fields.Number("weight", 1, 1_000_000, 1));
    }

    [GeneratedRegex(@"\A[A-Za-z0-9-]{1,64}\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex HeaderName();

    [GeneratedRegex(@"\A[A-Za-z_][A-Za-z0-9_]*\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Environment();
}
