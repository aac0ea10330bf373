using Sluice.Revisions.Resources;

namespace Sluice.Revisions.Reading;

/// <summary>Reads <c>Secret</c> as it is stored: sealed.</summary>
internal static class SecretReader
{
    public static Resource Read(string name, Fields fields) => new SecretResource(
        name, fields.Text("sealed"), (int)fields.Number("version", 1, int.MaxValue, fallback: null), fields.Text("fingerprint"));
}
