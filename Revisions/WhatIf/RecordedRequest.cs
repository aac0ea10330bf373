using System.Collections.Immutable;
using Sluice.Grains.Interfaces.Calls;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Forwarding;

namespace Sluice.Revisions.WhatIf;

/// <summary>A kept call as matching sees it. What is asked of it that was not kept is noted: then nobody can say what would become of it.</summary>
/// <param name="call">The call.</param>
/// <param name="missing">Takes each name that was asked for and not kept, such as <c>header x-beta</c>.</param>
internal readonly struct RecordedRequest(CallRecord call, ISet<string> missing) : IRoutableRequest
{
    public ReadOnlySpan<char> Host => HostNames.WithoutPort(call.Host);

    public string Method => call.Method;

    public ReadOnlySpan<char> Path => call.Path;

    public bool HasHeader(ValueTest asked) => Has(Find(CallPlace.Header, asked.Name), asked);

    public bool HasQuery(ValueTest asked) => Has(Find(CallPlace.Query, asked.Name), asked);

    public string? Header(string name) => Find(CallPlace.Header, name) is { IsEmpty: false } values ? string.Join(',', values) : null;

    public string? Cookie(string name) => Find(CallPlace.Cookie, name) is { IsEmpty: false } values ? values[0] : null;

    public string? Subject
    {
        get
        {
            if (call is { KeyId: null, KeyUnread: true })
            {
                missing.Add("the caller's key");
            }

            return call.User ?? call.KeyId;
        }
    }

    private static bool Has(ImmutableArray<string> given, ValueTest asked) => given.IsEmpty ? asked.IsAbsence : given.Any(asked.Takes);

    private ImmutableArray<string> Find(CallPlace place, string name)
    {
        foreach (var value in call.Values)
        {
            if (value.Place == place && string.Equals(value.Name, name, StringComparison.OrdinalIgnoreCase))
            {
                return value.Values;
            }
        }

        var kept = place switch { CallPlace.Header => call.Names.Headers, CallPlace.Query => call.Names.Query, _ => call.Names.Cookies };
        if (!kept.Contains(name, StringComparer.OrdinalIgnoreCase))
        {
            missing.Add($"{place.ToString().ToLowerInvariant()} {name}");
        }

        return [];
    }
}
