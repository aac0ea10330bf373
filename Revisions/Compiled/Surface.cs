using System.Collections.Immutable;

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

    /// <summary><c>POST /v1beta/models/{name}:generateContent</c> and <c>:streamGenerateContent</c></summary>
    GenerateContent,

    /// <summary><c>POST /v1/prompts/{name}</c></summary>
    Prompt,

    /// <summary><c>GET /v1/openapi.json</c></summary>
    OpenApi,

    /// <summary><c>POST /v1/messages/count_tokens</c> and <c>POST /v1beta/models/{name}:countTokens</c></summary>
    CountTokens,

    /// <summary><c>POST /v1/embeddings</c>, and <c>POST /v1beta/models/{name}:embedContent</c>, <c>:batchEmbedContents</c> and Vertex's <c>:predict</c></summary>
    Embeddings,

    /// <summary><c>GET /v1/models</c> and <c>GET /v1beta/models</c></summary>
    Models,

    /// <summary><c>GET /v1/models/{name}</c> and <c>GET /v1beta/models/{name}</c></summary>
    Model,

    /// <summary><c>GET /v1/realtime</c>, as a web socket</summary>
    Realtime,

    /// <summary><c>POST /v1/moderations</c></summary>
    Moderations,

    /// <summary><c>POST /v1/images/generations</c></summary>
    ImageGenerations,

    /// <summary><c>POST /v1/audio/speech</c></summary>
    Speech,

    /// <summary><c>POST /v1/audio/transcriptions</c></summary>
    Transcriptions,

    /// <summary><c>POST /v1/audio/translations</c></summary>
    AudioTranslations,

    /// <summary><c>POST /v1/images/edits</c></summary>
    ImageEdits,

    /// <summary><c>POST /v1/images/variations</c></summary>
    ImageVariations,

    /// <summary><c>POST /v1/feedback</c></summary>
    Feedback,

    /// <summary><c>POST /v1/files</c> and <c>GET /v1/files</c></summary>
    Files,

    /// <summary><c>GET /v1/files/{id}</c> and <c>DELETE /v1/files/{id}</c></summary>
    File,

    /// <summary><c>GET /v1/files/{id}/content</c></summary>
    FileContent,

    /// <summary><c>POST /v1/batches</c> and <c>GET /v1/batches</c></summary>
    Batches,

    /// <summary><c>GET /v1/responses/{id}</c> and <c>DELETE /v1/responses/{id}</c></summary>
    Response,

    /// <summary><c>POST /v1/responses/{id}/cancel</c></summary>
    ResponseCancel,

    /// <summary><c>GET /v1/responses/{id}/input_items</c></summary>
    ResponseItems,

    /// <summary><c>GET /v1/catalog</c></summary>
    Catalog,

    /// <summary><c>GET /v1/batches/{id}</c></summary>
    Batch,

    /// <summary><c>POST /v1/batches/{id}/cancel</c></summary>
    BatchCancel,
}

/// <summary>Which path is which surface.</summary>
public static class Surfaces
{
    /// <summary>The path under which single models are told; the name follows a slash.</summary>
    public const string ModelsPath = "/v1/models";

    /// <summary>The model that OpenAI takes for moderations where a request names none.</summary>
    public const string ModerationsModel = "omni-moderation-latest";

    /// <summary>The path under which prompts are called as APIs of their own; the name follows.</summary>
    public const string PromptsPath = "/v1/prompts/";

    /// <summary>The path of kept files; the id of one follows a slash.</summary>
    public const string FilesPath = "/v1/files";

    /// <summary>What follows a file's id where its bytes are asked for.</summary>
    public const string ContentEnd = "/content";

    /// <summary>The path under which kept responses are; the id of one follows.</summary>
    public const string ResponsesPath = "/v1/responses/";

    /// <summary>What follows the id of a response or batch where it is to be cancelled.</summary>
    public const string CancelEnd = "/cancel";

    /// <summary>What follows a response's id where its input is asked for.</summary>
    public const string ItemsEnd = "/input_items";

    /// <summary>The path of batches; the id of one follows a slash.</summary>
    public const string BatchesPath = "/v1/batches";

    /// <summary>The same for Gemini's clients.</summary>
    public const string GeminiModelsPath = "/v1beta/models";

    private static readonly ImmutableArray<string> Post = ["POST"];
    private static readonly ImmutableArray<string> Get = ["GET"];
    private static readonly ImmutableArray<string> GetAndPost = ["GET", "POST"];
    private static readonly ImmutableArray<string> GetAndDelete = ["GET", "DELETE"];

    /// <summary>The surface of a path, compared as it is.</summary>
    public static Surface Of(ReadOnlySpan<char> path) => path switch
    {
        "/v1/chat/completions" => Surface.Chat,
        "/v1/messages" => Surface.Messages,
        "/v1/messages/count_tokens" => Surface.CountTokens,
        "/v1/responses" => Surface.Responses,
        "/v1/embeddings" => Surface.Embeddings,
        "/v1/moderations" => Surface.Moderations,
        "/v1/images/generations" => Surface.ImageGenerations,
        "/v1/audio/speech" => Surface.Speech,
        "/v1/audio/transcriptions" => Surface.Transcriptions,
        "/v1/audio/translations" => Surface.AudioTranslations,
        "/v1/images/edits" => Surface.ImageEdits,
        "/v1/images/variations" => Surface.ImageVariations,
        "/v1/feedback" => Surface.Feedback,
        "/v1/openapi.json" => Surface.OpenApi,
        "/v1/catalog" => Surface.Catalog,
        "/v1/realtime" => Surface.Realtime,
        ModelsPath or GeminiModelsPath => Surface.Models,
        FilesPath => Surface.Files,
        BatchesPath => Surface.Batches,
        _ when path.StartsWith("/v1", StringComparison.Ordinal) => OfAction(path),
        _ => Surface.Routes,
    };

    /// <summary>The model that a path of <see cref="Surface.Model"/> names.</summary>
    public static string ModelOf(string path) => path[((path.StartsWith(ModelsPath, StringComparison.Ordinal) ? ModelsPath : GeminiModelsPath).Length + 1)..];

    /// <summary>The id that a path of <see cref="Surface.File"/> or <see cref="Surface.FileContent"/> names.</summary>
    public static string FileOf(string path) =>
        path[(FilesPath.Length + 1)..] is var id && id.EndsWith(ContentEnd, StringComparison.Ordinal) ? id[..^ContentEnd.Length] : id;

    /// <summary>The id that a path of <see cref="Surface.Batch"/> or <see cref="Surface.BatchCancel"/> names.</summary>
    public static string BatchOf(string path) => path[(BatchesPath.Length + 1)..] is var id && id.EndsWith(CancelEnd, StringComparison.Ordinal) ? id[..^CancelEnd.Length] : id;

    /// <summary>The id that a path of a kept response names, and what follows it.</summary>
    public static (string Id, string Action) ResponseOf(string path) => path[ResponsesPath.Length..] is var id && id.IndexOf('/', StringComparison.Ordinal) is var at and >= 0 ? (id[..at], id[at..]) : (id, "");

    /// <summary>Whether it gives a model's answers.</summary>
    public static bool Answers(Surface surface) => surface is Surface.Chat or Surface.Messages or Surface.Responses or Surface.GenerateContent or Surface.Prompt;

    /// <summary>Whether it is one of OpenAI's that pass through to providers of its dialect alone.</summary>
    public static bool PassesThrough(Surface surface) => surface is Surface.Moderations or Surface.ImageGenerations or Surface.Speech
        or Surface.Transcriptions or Surface.AudioTranslations or Surface.ImageEdits or Surface.ImageVariations;

    /// <summary>Whether it is of what providers keep for their callers, whose requests name no model in a body.</summary>
    public static bool IsOfKept(Surface surface) => surface is Surface.Files or Surface.File or Surface.FileContent or Surface.Batches or Surface.Batch or Surface.BatchCancel
        or Surface.Response or Surface.ResponseCancel or Surface.ResponseItems;

    /// <summary>The methods that a surface takes; none: the routes decide.</summary>
    public static ImmutableArray<string> MethodsOf(Surface surface) => surface switch
    {
        Surface.Chat or Surface.Messages or Surface.Responses or Surface.GenerateContent or Surface.Prompt or Surface.CountTokens or Surface.Embeddings or Surface.ResponseCancel or Surface.BatchCancel or Surface.Feedback => Post,
        Surface.Models or Surface.Model or Surface.OpenApi or Surface.Realtime or Surface.Catalog or Surface.FileContent or Surface.ResponseItems or Surface.Batch => Get,
        Surface.Files or Surface.Batches => GetAndPost,
        Surface.File or Surface.Response => GetAndDelete,
        _ => PassesThrough(surface) ? Post : [],
    };

    // What is asked of a model by the end of the path that names it; Vertex has projects and places before the models.
    private static Surface OfAction(ReadOnlySpan<char> path)
    {
        var isModel = path.StartsWith($"{ModelsPath}/", StringComparison.Ordinal) || path.StartsWith($"{GeminiModelsPath}/", StringComparison.Ordinal);
        var isProject = (path.StartsWith("/v1/projects/", StringComparison.Ordinal) || path.StartsWith("/v1beta1/projects/", StringComparison.Ordinal)) && path.Contains("/models/", StringComparison.Ordinal);
        return path.StartsWith(PromptsPath, StringComparison.Ordinal) ? Surface.Prompt
            : path.StartsWith($"{FilesPath}/", StringComparison.Ordinal) ? (path.EndsWith(ContentEnd, StringComparison.Ordinal) ? Surface.FileContent : Surface.File)
            : path.StartsWith($"{BatchesPath}/", StringComparison.Ordinal) ? (path.EndsWith(CancelEnd, StringComparison.Ordinal) ? Surface.BatchCancel : Surface.Batch)
            : path.StartsWith(ResponsesPath, StringComparison.Ordinal) ? (path.EndsWith(CancelEnd, StringComparison.Ordinal) ? Surface.ResponseCancel : path.EndsWith(ItemsEnd, StringComparison.Ordinal) ? Surface.ResponseItems : Surface.Response)
            : !isModel && !isProject ? Surface.Routes
            : path.EndsWith(":generateContent", StringComparison.Ordinal) || path.EndsWith(":streamGenerateContent", StringComparison.Ordinal) ? Surface.GenerateContent
            : path.EndsWith(":countTokens", StringComparison.Ordinal) ? Surface.CountTokens
            : path.EndsWith(":embedContent", StringComparison.Ordinal) || path.EndsWith(":batchEmbedContents", StringComparison.Ordinal) ? Surface.Embeddings
            : isProject && path.EndsWith(":predict", StringComparison.Ordinal) ? Surface.Embeddings
            : isModel ? Surface.Model
            : Surface.Routes;
    }
}
