using System.Globalization;
using System.Text;

namespace Sluice.Edge.Dialects.Neutral;

/// <summary>Names for calls of tools to which their provider gave none.</summary>
internal static class ToolIds
{
    /// <summary>The name of one, as a JSON string.</summary>
    public static Json Of(long candidate, int tool) => Json.OfPlain(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"call_{candidate}_{tool}")));
}
