using System.Text.Json;
using Sluice.Edge.Dialects.OpenAI;

namespace Sluice.Edge.Dialects.Neutral;

/// <summary>Embeddings of a dialect that no client speaks.</summary>
/// <param name="name">The dialect's.</param>
internal abstract class ProviderOnlyEmbeddings(string name) : EmbeddingsDialect
{
    /// <summary>Why a field is left out.</summary>
    protected string NoCounterpart { get; } = $"it has no counterpart in the dialect {name}";

    public sealed override string WayOf(string path) => throw NoClient();

    public sealed override RequestScan Scan(ReadOnlyMemory<byte> body, string path, out RequestFault? fault) => throw NoClient();

    public sealed override EmbeddingsRequest Read(Json body, string way, Dialect provider, Losses losses) => throw NoClient();

    public sealed override void WriteAnswer(IReadOnlyList<Json> embeddings, EmbeddingsCall asked, string model, long tokens, Utf8JsonWriter writer) => throw NoClient();

    /// <summary>The lists of numbers of a list, each as it is written.</summary>
    /// <exception cref="DialectFaultException">There is none, or one is something else.</exception>
    protected static IReadOnlyList<Json> ListsOf(Json embeddings)
    {
        var found = new List<Json>();
        for (var items = embeddings.Items(); items.Next();)
        {
            found.Add(items.Value.IsList ? items.Value : throw items.Value.Wrong("a list of numbers"));
        }

        return found.Count > 0 ? found : throw new DialectFaultException("'embeddings' is missing.", "embeddings");
    }

    private InvalidOperationException NoClient() => new($"No client speaks the dialect {name}.");
}
