namespace Sluice.Revisions.Compiled;

/// <summary>What a path of an edge is: one that Sluice itself serves, or one for the declared routes.</summary>
public enum Surface
{
    /// <summary>The declared routes.</summary>
    Routes,

    /// <summary><c>POST /v1/chat/completions</c></summary>
    Chat,

    /// <summary><c>POST /v1/messages</c></summary>
    Messages,

    /// <summary><c>POST /v1/responses</c></summary>
    Responses,

    /// <summary><c>POST /v1/messages/count_tokens</c></summary>
    CountTokens,

    /// <summary><c>POST /v1/embeddings</c></summary>
    Embeddings,

    /// <summary><c>GET /v1/models</c></summary>
    Models,

    /// <summary><c>GET /v1/models/{name}</c></summary>
    Model,
}

/// <summary>Which path is which surface.</summary>
public static class Surfaces
{
    /// <summary>The path under which single models are told; the name follows a slash.</summary>
    public const string ModelsPath = "/v1/models";

    /// <summary>The surface of a path, compared as it is.</summary>
    public static Surface Of(ReadOnlySpan<char> path) => path switch
    {
        "/v1/chat/completions" => Surface.Chat,
        "/v1/messages" => Surface.Messages,
        "/v1/messages/count_tokens" => Surface.CountTokens,
        "/v1/responses" => Surface.Responses,
        "/v1/embeddings" => Surface.Embeddings,
        ModelsPath => Surface.Models,
        _ when path.StartsWith($"{ModelsPath}/", StringComparison.Ordinal) => Surface.Model,
        _ => Surface.Routes,
    };

    /// <summary>Whether it gives a model's answers.</summary>
    public static bool Answers(Surface surface) => surface is Surface.Chat or Surface.Messages or Surface.Responses;

    /// <summary>The only method that a surface takes; null: the routes decide.</summary>
    public static string? MethodOf(Surface surface) => surface switch
    {
        Surface.Chat or Surface.Messages or Surface.Responses or Surface.CountTokens or Surface.Embeddings => "POST",
        Surface.Models or Surface.Model => "GET",
        _ => null,
    };
}
