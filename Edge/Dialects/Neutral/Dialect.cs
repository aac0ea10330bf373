using System.Buffers;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sluice.Edge.Dialects.OpenAI;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Edge.Dialects.Neutral;

/// <summary>
/// A wire format that clients or providers speak, as a whole: what it reads is neutral, what it writes comes from the neutral form. Each lives in a folder of its own and is
/// named in <see cref="DialectTable"/>; nothing else is to be touched. How one is added: docs/dialects.md.
/// </summary>
internal abstract class Dialect
{
    private static readonly byte[] Comment = [.. ": keep-alive\n\n"u8];

    /// <summary>As resources name it.</summary>
    public abstract string Name { get; }

    /// <summary>Where providers of it are asked for an answer, behind their address.</summary>
    /// <param name="model">The name that the provider reads.</param>
    /// <param name="isStreamed">Whether the answer is to be a stream.</param>
    public abstract string PathOf(string model, bool isStreamed);

    /// <summary>Where they are asked how many tokens a request has; null: nowhere.</summary>
    /// <param name="model">The name that the provider reads.</param>
    public virtual string? CountPathOf(string model) => null;

    /// <summary>How embeddings are asked for and told; null: it has none.</summary>
    public virtual EmbeddingsDialect? Embeddings => null;

    /// <summary>Whether a request must have a cap of its answer.</summary>
    public virtual bool AsksForCap => false;

    /// <summary>Whether a stream tells its usage only to who asks for it.</summary>
    public virtual bool HidesUsage => false;

    /// <summary>Whether the first event of a stream tells usage that later ones complete.</summary>
    public virtual bool TellsUsageInParts => false;

    /// <summary>Tokens that a provider may add to what it was sent, at most.</summary>
    public virtual long AddedTokens => 0;

    /// <summary>The header in which clients look for a request's id; null: none but <c>sluice-request-id</c>.</summary>
    public virtual string? RequestIdHeader => null;

    /// <summary>Whether its clients may show their key as <c>key</c> in the query.</summary>
    public virtual bool TakesKeyInQuery => false;

    /// <summary>The header by which a provider is shown the credential.</summary>
    public abstract (string Name, string Value) Credential(string credential);

    /// <summary>Whether a credential is no such thing to show, but the key of an account: it is exchanged for an access token, which is shown as a bearer's.</summary>
    public virtual bool Exchanges(string credential) => false;

    /// <summary>Whether a request is signed rather than shown its credential.</summary>
    public virtual bool Signs(string credential) => false;

    /// <summary>The headers that sign a request, where <see cref="Signs"/>.</summary>
    /// <param name="credential">With which it is signed.</param>
    /// <param name="address">Where it goes, by POST.</param>
    /// <param name="body">What is sent.</param>
    /// <param name="now">When.</param>
    public virtual IReadOnlyList<(string Name, string Value)> Sign(string credential, Uri address, ReadOnlySpan<byte> body, DateTimeOffset now) => [];

    /// <summary>Makes events of a provider's stream that comes otherwise; null: they are events.</summary>
    public virtual Func<StreamFraming>? Framing => null;

    /// <summary>The header that a provider asks for where the caller did not send it; null: none.</summary>
    public virtual (string Name, string Value)? Version => null;

    /// <summary>Whether a header is of this dialect alone.</summary>
    public bool IsOwnHeader(string name) => name.StartsWith(HeaderPrefix, StringComparison.OrdinalIgnoreCase) && name.AsSpan(HeaderPrefix.Length).StartsWith("-", StringComparison.Ordinal);

    /// <summary>With what its own headers begin.</summary>
    protected virtual string HeaderPrefix => Name;

    /// <summary>Reads a client's request.</summary>
    /// <exception cref="DialectFaultException">A field is not what the dialect says.</exception>
    public abstract Conversation ReadRequest(Json body, Losses losses);

    /// <summary>Puts a prompt's messages before those of a client's request, and its parameters where the request has none.</summary>
    /// <exception cref="DialectFaultException">A field is not what the dialect says, or its clients cannot name prompts.</exception>
    public virtual void PutPrompt(RenderedPrompt prompt, JsonObject body) => throw new DialectFaultException($"The dialect {Name} has no prompts.");

    /// <summary>Writes what a provider is sent.</summary>
    /// <param name="conversation">The request.</param>
    /// <param name="address">The provider's, for what differs among those of one dialect.</param>
    /// <param name="writer">Takes the body.</param>
    /// <param name="losses">Takes what is left out.</param>
    /// <exception cref="DialectFaultException">A field cannot be expressed.</exception>
    public abstract void WriteRequest(Conversation conversation, Uri? address, Utf8JsonWriter writer, Losses losses);

    /// <summary>Reads a provider's whole answer.</summary>
    /// <exception cref="DialectFaultException">It is no answer.</exception>
    public abstract Answer ReadAnswer(Json body, Losses losses);

    /// <summary>Writes a client's whole answer.</summary>
    /// <exception cref="DialectFaultException">It cannot be expressed.</exception>
    public abstract void WriteAnswer(Answer answer, Asked asked, Utf8JsonWriter writer, Losses losses);

    /// <summary>Reads a provider's stream.</summary>
    public abstract EventReader ReadStream(Losses losses);

    /// <summary>Writes a client's stream.</summary>
    public abstract EventWriter WriteStream(Asked asked, Losses losses);

    /// <summary>Reads a provider's error, which may be anything.</summary>
    public abstract Failure ReadFailure(int status, ReadOnlyMemory<byte> body);

    /// <summary>After which time a provider may be asked again, where its error's body tells it rather than a header; null: it does not. Throws nothing.</summary>
    public virtual TimeSpan? ReadRetryDelay(ReadOnlyMemory<byte> body) => null;

    /// <summary>The status that the dialect's clients know for an error: 529 is Anthropic's own, which others read as 503, on which they try again.</summary>
    public virtual int StatusOf(int status) => status == 529 ? 503 : status;

    /// <summary>The body of an error.</summary>
    public abstract byte[] WriteFailure(Failure failure, string? requestId);

    /// <summary>The event that ends a stream which cannot go on.</summary>
    public abstract byte[] WriteFailureEvent(Failure failure);

    /// <summary>What may be said amid a client's stream without meaning anything: whole lines; null: its clients know no such thing.</summary>
    public virtual byte[]? KeepAlive => Comment;

    /// <summary>What is to be known of one event of a stream that passes untouched. Throws nothing.</summary>
    public abstract AnswerFacts ReadFacts(ReadOnlySpan<byte> json);

    /// <summary>What is to be known of a whole answer that passes untouched. Throws nothing.</summary>
    public virtual AnswerFacts ReadWholeFacts(ReadOnlySpan<byte> json) => AnswerFacts.ReadWhole(json);

    /// <summary>The answer to who asks how many tokens a request has.</summary>
    public virtual string WriteCount(long tokens) => string.Create(CultureInfo.InvariantCulture, $"{{\"input_tokens\":{tokens}}}");

    /// <summary>Usage that was told in parts.</summary>
    public virtual TokenCounts? Merge(TokenCounts? before, TokenCounts? now) => now ?? before;

    /// <summary>Whether an event begins a part that an ending must name.</summary>
    public virtual bool OpensPart(ReadOnlySpan<byte> json) => false;

    /// <summary>What is to be known of a request: where its model's name and its cap stand, and what bounds its input. Throws nothing.</summary>
    /// <param name="body">As it came.</param>
    /// <param name="path">Where it came to; null for what a provider is sent.</param>
    /// <param name="fault">What is wrong with it; null: nothing.</param>
    public abstract RequestScan Scan(ReadOnlyMemory<byte> body, string? path, out RequestFault? fault);

    /// <summary>The events with which the gateway ends a stream that it cuts at its cap.</summary>
    /// <param name="cut">Where it stands.</param>
    public abstract byte[] WriteEnding(in StreamCut cut);
}

/// <summary>Makes server-sent events of a stream that has frames of its own.</summary>
internal abstract class StreamFraming
{
    /// <summary>Takes what came; gives the events that are whole by then. They live until the next call.</summary>
    /// <exception cref="IOException">The frames are broken.</exception>
    public abstract ReadOnlySpan<byte> Take(ReadOnlySpan<byte> came);
}

/// <summary>Reads the events of a provider's stream, each given whole.</summary>
internal abstract class EventReader
{
    /// <summary>Reads the data of one event, and writes what it says.</summary>
    /// <param name="data">One JSON object, or a word such as <c>[DONE]</c>; it lives until the call returns.</param>
    /// <param name="to">Takes what was read.</param>
    /// <param name="output">Where that writes to.</param>
    /// <exception cref="DialectFaultException">It is no event of the dialect.</exception>
    public abstract void Read(ReadOnlyMemory<byte> data, EventWriter to, IBufferWriter<byte> output);

    /// <summary>Whether the provider said all that makes an answer whole.</summary>
    public abstract bool IsWhole { get; }

    /// <summary>Whether the provider told an error.</summary>
    public bool HasFailed { get; protected set; }

    /// <summary>Writes what waited for the stream's end.</summary>
    public virtual void End(EventWriter to, IBufferWriter<byte> output)
    {
    }
}

/// <summary>Writes the events of a client's stream.</summary>
internal abstract class EventWriter
{
    /// <summary>Writes one event, none, or several.</summary>
    public abstract void Write(in StreamEvent piece, IBufferWriter<byte> output);
}

/// <summary>What an answer needs that no provider tells.</summary>
/// <param name="IncludeUsage">Whether the caller asked for usage in the stream, where its dialect leaves that to it.</param>
/// <param name="Now">Seconds since 1970.</param>
internal readonly record struct Asked(bool IncludeUsage, long Now);
