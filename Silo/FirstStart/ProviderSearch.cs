using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Serialization;
using Sluice.Revisions.Resources;

namespace Sluice.Silo.FirstStart;

/// <summary>A provider that was found, and its models.</summary>
/// <param name="Address">Where it is reached.</param>
/// <param name="Models">Ids as the provider writes them, ordered.</param>
/// <param name="Note">For people: why its models are not known, or null.</param>
public sealed record FoundProvider(ProviderPreset Known, Uri Address, IReadOnlyList<string> Models, string? Note);

/// <summary>Looks which of the known providers can be used from here. Each is asked once, with a bound, all at one time; none can hold up or fail a start.</summary>
public sealed class ProviderSearch(HttpClient http, Func<string, string?> environment)
{
    private const int MostModels = 1_000;
    private const long MostBytes = 4 * 1024 * 1024;
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(3);

    /// <summary>A client as the search needs it: it follows no redirect, so that no key goes where it was not sent.</summary>
    public static HttpClient CreateClient() => new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false })
    {
        Timeout = Bound,
        MaxResponseContentBufferSize = MostBytes,
    };

    /// <summary>Those whose key is in the environment or, where none is needed, that answer.</summary>
    public async Task<IReadOnlyList<FoundProvider>> FindAsync(IEnumerable<ProviderPreset> known, CancellationToken cancellation)
    {
        var found = await Task.WhenAll(known.Select(k => FindAsync(k, cancellation)));
        return [.. found.OfType<FoundProvider>()];
    }

    private async Task<FoundProvider?> FindAsync(ProviderPreset known, CancellationToken cancellation)
    {
        var key = known.Key is null ? null : environment(known.Key);
        if (known.Address is null || (known.IsLocal ? known.Key is not null : string.IsNullOrWhiteSpace(key)))
        {
            return null;
        }

        var moved = known.AddressVariable is null ? null : environment(known.AddressVariable);
        if (!Uri.TryCreate(string.IsNullOrWhiteSpace(moved) ? known.Address.AbsoluteUri : moved, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
        {
            return new FoundProvider(known, known.Address, [], $"{known.AddressVariable} is no http address and was not used");
        }

        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"{address.AbsoluteUri.TrimEnd('/')}/models"));
            if (key is not null && known.Dialect is ProviderDialect.Anthropic)
            {
                request.Headers.Add("x-api-key", key.Trim());
                request.Headers.Add("anthropic-version", "2023-06-01");
            }
            else if (key is not null && known.Dialect is ProviderDialect.Gemini)
            {
                request.Headers.Add("x-goog-api-key", key.Trim());
            }
            else if (key is not null)
            {
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key.Trim());
            }

            using var answer = await http.SendAsync(request, cancellation);
            if (!answer.IsSuccessStatusCode)
            {
                return known.IsLocal ? null : new FoundProvider(known, address, [], $"it answered {(int)answer.StatusCode} when asked for its models");
            }

            var list = await answer.Content.ReadFromJsonAsync<ModelList>(cancellation);
            var ids = (list?.Data ?? []).Select(m => m.Id).Concat((list?.Models ?? []).Select(m => m.Name?[(m.Name.IndexOf('/', StringComparison.Ordinal) + 1)..])).OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
            return new FoundProvider(known, address, [.. ids.Take(MostModels)], null);
        }
        catch (Exception failure) when (failure is HttpRequestException or OperationCanceledException or System.Text.Json.JsonException or FormatException
            && !cancellation.IsCancellationRequested)
        {
            return known.IsLocal ? null : new FoundProvider(known, address, [], "it did not tell its models in time");
        }
    }

    // Gemini's list has the second field, as models/gemini-2.5-flash.
    private sealed record ModelList([property: JsonPropertyName("data")] IReadOnlyList<ModelEntry>? Data, [property: JsonPropertyName("models")] IReadOnlyList<ModelEntry>? Models);

    private sealed record ModelEntry([property: JsonPropertyName("id")] string? Id, [property: JsonPropertyName("name")] string? Name);
}
