using System.Collections.Immutable;

namespace Sluice.Revisions.Resources;

/// <summary>What is changed in a route's requests before they are forwarded, and in the answers. Texts are templates: see <c>docs/routes.md</c>.</summary>
/// <param name="Path">In place of the request's path; null: as it is.</param>
/// <param name="Host">In place of the upstream's own host; <c>{request.host}</c>: the client's; null: the upstream's.</param>
/// <param name="RequestHeaders">Of what the upstream is sent.</param>
/// <param name="ResponseHeaders">Of what the client is answered.</param>
/// <param name="Query">Of what the upstream is sent.</param>
public sealed record RouteTransforms(string? Path, string? Host, NamedChanges RequestHeaders, NamedChanges ResponseHeaders, NamedChanges Query);

/// <summary>Changes of headers or query parameters, made in this order: what is removed, what is set in place of all of its name, what is added beside.</summary>
/// <param name="Remove">Names.</param>
/// <param name="Set">Each with one value or several.</param>
/// <param name="Add">Each with one value or several.</param>
public sealed record NamedChanges(ImmutableArray<string> Remove, ImmutableArray<NamedText> Set, ImmutableArray<NamedText> Add)
{
    /// <summary>Nothing is changed.</summary>
    public static NamedChanges None { get; } = new([], [], []);

    /// <summary>Whether nothing is changed.</summary>
    public bool IsNone => Remove.IsEmpty && Set.IsEmpty && Add.IsEmpty;
}

/// <summary>A name with a template of its value.</summary>
public readonly record struct NamedText(string Name, string Text);

/// <summary>An answer that sends the client elsewhere, in place of a split. What is not declared is as the client asked; the query is kept.</summary>
/// <param name="Scheme"><c>http</c> or <c>https</c>; null: the request's.</param>
/// <param name="Host">Without port; null: the request's.</param>
/// <param name="Port">Null: the scheme's own where a scheme is declared, else the request's.</param>
/// <param name="Path">A template; null: the request's.</param>
/// <param name="Status">301, 302, 303, 307 or 308. Default 302.</param>
public sealed record RouteRedirect(string? Scheme, string? Host, int? Port, string? Path, int Status);

/// <summary>A fixed answer, in place of a split.</summary>
/// <param name="Status">200 to 599. Default 200.</param>
/// <param name="Body">At most 64 KiB; null: none.</param>
/// <param name="ContentType">Of the body. Default <c>text/plain; charset=utf-8</c>.</param>
public sealed record RouteRespond(int Status, string? Body, string ContentType);
