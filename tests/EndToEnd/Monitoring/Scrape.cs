using System.Globalization;

namespace Sluice.Tests.EndToEnd.Monitoring;

/// <summary>The text of <c>/metrics</c>.</summary>
/// <param name="Text">As it was sent.</param>
internal sealed record Scrape(string Text)
{
    /// <summary>Asks for it.</summary>
    public static async Task<Scrape> OfAsync(Uri address, string? key = null, string? accept = null)
    {
        using var http = new HttpClient { BaseAddress = address };
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        if (accept is not null)
        {
            request.Headers.Add("Accept", accept);
        }

        if (key is not null)
        {
            request.Headers.Authorization = new("Bearer", key);
        }

        using var answer = await http.SendAsync(request);
        answer.EnsureSuccessStatusCode();
        return new Scrape(await answer.Content.ReadAsStringAsync());
    }

    /// <summary>The sum of a metric's series that have all of these in their line, such as <c>outcome="5xx"</c>; null: there is none.</summary>
    public double? Value(string name, params string[] tags)
    {
        var found = Text.Split('\n')
            .Where(line => line.StartsWith($"{name}{{", StringComparison.Ordinal) || line.StartsWith($"{name} ", StringComparison.Ordinal))
            .Where(line => tags.All(tag => line.Contains(tag, StringComparison.Ordinal)))
            .Select(line => double.Parse(line[(line.LastIndexOf('}') + 1)..].Trim().Split(' ')[0], CultureInfo.InvariantCulture))
            .ToArray();
        return found.Length == 0 ? null : found.Sum();
    }
}
