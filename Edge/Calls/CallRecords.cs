using System.Collections.Immutable;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Sluice.Edge.Pipeline;
using Sluice.Grains.Interfaces.Calls;
using Sluice.Revisions.Forwarding;

namespace Sluice.Edge.Calls;

/// <summary>Makes the record of a call: no body, no credential, and of headers, query and cookies only what the routes look at.</summary>
internal static class CallRecords
{
    /// <summary>The record.</summary>
    public static CallRecord Make(in Arrival arrival, in EndedCall call, ObservedNames names, DateTimeOffset now)
    {
        var request = arrival.Http.Request;
        var identity = call.Caller?.Identity;
        var used = call.Settlement;
        return new CallRecord(
            now,
            arrival.Revision.Head.Revision,
            request.Method,
            request.Host.Value ?? "",
            request.Path.Value ?? "",
            names,
            ValuesOf(request, names),
            identity?.Tenant,
            identity?.KeyId,
            identity?.User,
            identity is { Models: { IsDefault: false } models } ? models : [],
            call.IsShaped ? $"{call.Model}?" : call.Model,
            call.Stream,
            used.Tokens.Input,
            used.Tokens.CachedRead,
            used.Tokens.Output,
            used.Status,
            call.Outcome,
            call.Target,
            call.Draw,
            identity is null && used.Status != StatusCodes.Status401Unauthorized && HasKey(request.Headers),
            call.Units);
    }

    /// <summary>How much text is in a record, in characters.</summary>
    public static int LengthOf(CallRecord call)
    {
        var length = call.Host.Length + call.Path.Length + (call.Model?.Length ?? 0);
        foreach (var value in call.Values)
        {
            foreach (var one in value.Values)
            {
                length += one.Length;
            }
        }

        return length;
    }

    private static bool HasKey(IHeaderDictionary headers)
    {
        foreach (var name in HeaderRules.OfKeys)
        {
            if (headers[name].Any(HeaderRules.HoldsKey))
            {
                return true;
            }
        }

        return false;
    }

    private static ImmutableArray<CallValue> ValuesOf(HttpRequest request, ObservedNames names)
    {
        if (ReferenceEquals(names, ObservedNames.None))
        {
            return [];
        }

        ImmutableArray<CallValue>.Builder? values = null;
        foreach (var name in names.Headers)
        {
            Add(ref values, CallPlace.Header, name, request.Headers[name]);
        }

        if (!names.Query.IsEmpty && request.QueryString.HasValue)
        {
            foreach (var name in names.Query)
            {
                Add(ref values, CallPlace.Query, name, request.Query[name]);
            }
        }

        foreach (var name in names.Cookies)
        {
            Add(ref values, CallPlace.Cookie, name, request.Cookies[name]);
        }

        return values?.DrainToImmutable() ?? [];
    }

    private static void Add(ref ImmutableArray<CallValue>.Builder? values, CallPlace place, string name, StringValues given)
    {
        // Whatever the header is called: a key is not kept.
        if (given.Count > 0 && !given.Any(HeaderRules.HoldsKey))
        {
            (values ??= ImmutableArray.CreateBuilder<CallValue>(1)).Add(new CallValue(place, name, [.. given.Select(one => one ?? "")]));
        }
    }
}
