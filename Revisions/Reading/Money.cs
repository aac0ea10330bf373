using System.Globalization;

namespace Sluice.Revisions.Reading;

/// <summary>Money as it is written: <c>"0.15 USD"</c>, at most nine places after the point, held in 10⁻⁹ of a dollar.</summary>
public static class Money
{
    /// <summary>Nano-units in a dollar.</summary>
    public const long Unit = 1_000_000_000;

    /// <summary>Reads an amount; false for anything else, negative, finer than nine places, above a thousand million, or in another currency.</summary>
    public static bool TryParse(string text, out long nano, string currency = "USD")
    {
        nano = 0;
        if (text.Length < 4 || text[^4] != ' ' || !text.EndsWith(currency, StringComparison.Ordinal)
            || !decimal.TryParse(text.AsSpan(0, text.Length - 4), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount)
            || amount > 1_000_000_000m
            || amount * Unit != decimal.Truncate(amount * Unit))
        {
            return false;
        }

        nano = (long)(amount * Unit);
        return true;
    }

    /// <summary>Writes an amount in dollars without needless zeros: <c>0.00015</c>.</summary>
    public static string Format(long nano)
    {
        if (nano < 0)
        {
            return ((decimal)nano / Unit).ToString("0.#########", CultureInfo.InvariantCulture);
        }

        // Told with each answer of a model that has a price: whole numbers are written a good deal faster than decimals.
        var (dollars, rest) = Math.DivRem(nano, Unit);
        if (rest == 0)
        {
            return dollars.ToString(CultureInfo.InvariantCulture);
        }

        Span<char> places = stackalloc char[9];
        rest.TryFormat(places, out _, "D9", CultureInfo.InvariantCulture);
        return string.Create(CultureInfo.InvariantCulture, $"{dollars}.{places.TrimEnd('0')}");
    }

    internal static long Read(Fields fields, string field, long least, string currency = "USD")
    {
        var text = fields.TextOrNull(field, required: true);
        if (text is null)
        {
            return 0;
        }

        if (TryParse(text, out var nano, currency) && nano >= least)
        {
            return nano;
        }

        fields.Wrong(field, $"must be an amount such as \"0.15 {currency}\"{(least > 0 ? " above 0" : "")}, with at most nine places; is '{text}'");
        return 0;
    }
}
