using System.Text.Json;
using Sluice.Edge.Dialects.OpenAI;

namespace Sluice.Edge.Dialects.Neutral;

/// <summary>
/// How a dialect asks for embeddings and tells them. A dialect may have several ways to do so: each is named by the end of its path, as <c>:predict</c>. Where caller and provider go
/// the same way the bytes pass; else the request is read into <see cref="EmbeddingsRequest"/> and written anew, and so is the answer.
/// </summary>
internal abstract class EmbeddingsDialect
{
    /// <summary>The way that a client's path asks for.</summary>
    public abstract string WayOf(string path);

    /// <summary>The way by which a provider is asked.</summary>
    /// <param name="model">The name that it reads.</param>
    /// <param name="address">The provider's.</param>
    /// <param name="asked">The caller's way, where it speaks this dialect; else null.</param>
    public abstract string WayTo(string model, Uri? address, string? asked);

    /// <summary>Where a provider is asked, behind its address.</summary>
    /// <param name="model">The name that it reads.</param>
    /// <param name="way">One that <see cref="WayTo"/> gave.</param>
    public abstract string PathOf(string model, string way);

    /// <summary>What is to be known of a client's request. Throws nothing.</summary>
    /// <param name="body">As it came.</param>
    /// <param name="path">Where it came to.</param>
    /// <param name="fault">What is wrong with it; null: nothing.</param>
    public abstract RequestScan Scan(ReadOnlyMemory<byte> body, string path, out RequestFault? fault);

    /// <summary>Reads a client's request, proven to be JSON.</summary>
    /// <param name="body">As it came.</param>
    /// <param name="way">By which it came.</param>
    /// <param name="provider">Whom it is read for.</param>
    /// <param name="losses">Takes what no other dialect has.</param>
    /// <exception cref="DialectFaultException">A field is not what the dialect says, or cannot be said in another one.</exception>
    public abstract EmbeddingsRequest Read(Json body, string way, Dialect provider, Losses losses);

    /// <summary>Writes a client's answer.</summary>
    /// <param name="embeddings">Each a list of numbers, in the order of the texts.</param>
    /// <param name="asked">What was asked for.</param>
    /// <param name="model">The name that the provider reads.</param>
    /// <param name="tokens">What is charged.</param>
    /// <param name="writer">Takes the body.</param>
    /// <exception cref="DialectFaultException">One is no list of numbers.</exception>
    public abstract void WriteAnswer(IReadOnlyList<Json> embeddings, EmbeddingsCall asked, string model, long tokens, Utf8JsonWriter writer);

    /// <summary>Writes what a provider is sent.</summary>
    /// <param name="request">What is asked for.</param>
    /// <param name="model">The name that the provider reads.</param>
    /// <param name="way">By which it is asked.</param>
    /// <param name="writer">Takes the body.</param>
    /// <param name="losses">Takes what is left out.</param>
    /// <exception cref="DialectFaultException">It cannot be expressed.</exception>
    public abstract void Write(EmbeddingsRequest request, string model, string way, Utf8JsonWriter writer, Losses losses);

    /// <summary>Reads a provider's answer: a list of numbers for each text.</summary>
    /// <exception cref="DialectFaultException">It is no such answer.</exception>
    public abstract IReadOnlyList<Json> ReadAnswer(Json body);

    /// <summary>What is to be known of an answer. Throws nothing.</summary>
    public abstract AnswerFacts ReadFacts(ReadOnlySpan<byte> json);

    /// <summary>Puts the model's name into each place of a passing body that has one, where it stands in the path besides; in a rented buffer, or null where there is none.</summary>
    /// <param name="body">As it came.</param>
    /// <param name="model">The name that the provider reads.</param>
    /// <param name="length">Of what is sent.</param>
    public virtual byte[]? NameModel(ReadOnlyMemory<byte> body, string model, out int length)
    {
        length = body.Length;
        return null;
    }
}
