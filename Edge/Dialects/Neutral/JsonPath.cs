using System.Globalization;
using System.Text;

namespace Sluice.Edge.Dialects.Neutral;

/// <summary>Tells where in a body a value stands, from the place of its bytes: paid only where there is something to tell.</summary>
internal static class JsonPath
{
    private const int Longest = 120;

    /// <summary>The path, as <c>messages[2].content[0].image_url</c>, in printable ASCII; null for the body itself.</summary>
    public static string? Of(Json body, int at)
    {
        var path = new StringBuilder();
        var value = body;
        while (value.At != at && path.Length < Longest && (value.IsObject ? Enter(ref value, at, path) : value.IsList && EnterList(ref value, at, path)))
        {
        }

        return path.Length == 0 ? null : path.ToString();
    }

    private static bool Enter(ref Json value, int at, StringBuilder path)
    {
        var fields = value.Fields();
        while (fields.Next())
        {
            if (Holds(fields.Value, at))
            {
                path.Append(path.Length == 0 ? "" : ".");
                foreach (var letter in fields.Name[..Math.Min(fields.Name.Length, Longest)])
                {
                    path.Append(letter is > 32 and < 127 ? (char)letter : '?');
                }

                value = fields.Value;
                return true;
            }
        }

        return false;
    }

    private static bool EnterList(ref Json value, int at, StringBuilder path)
    {
        var items = value.Items();
        for (var index = 0; items.Next(); index++)
        {
            if (Holds(items.Value, at))
            {
                path.Append(CultureInfo.InvariantCulture, $"[{index}]");
                value = items.Value;
                return true;
            }
        }

        return false;
    }

    private static bool Holds(Json value, int at) => at >= value.At && at < value.At + value.Raw.Length;
}
