using System.Collections.Immutable;
using Sluice.Grains.Interfaces.Calls;
using Sluice.Revisions.Forwarding;
using Sluice.Revisions.Resources;

namespace Sluice.Revisions.WhatIf;

/// <summary>Which values of a request the routes and models of a revision look at.</summary>
public static class RevisionNames
{
    /// <summary>The names of headers and query parameters that routes match, and of headers and cookies that name a user, for splits, flags or a model's targets. Headers that may hold credentials are left out.</summary>
    public static ObservedNames Of(Compilation revision)
    {
        SortedSet<string> headers = New(), query = New(), cookies = New();
        foreach (var resource in revision.Read)
        {
            if (resource is ModelResource { Sticky: { By: TargetStickyBy.Header, Name: { } user } })
            {
                AddHeader(user);
            }

            if (resource is not RouteResource route)
            {
                continue;
            }

            foreach (var header in route.Match.Headers)
            {
                AddHeader(header.Name);
            }

            foreach (var parameter in route.Match.Query)
            {
                query.Add(parameter.Name);
            }

            AddUser(route.Sticky?.By, route.Sticky?.Name);
            AddUser(route.Match.When?.By, route.Match.When?.Name);
        }

        return headers.Count + query.Count + cookies.Count == 0 ? ObservedNames.None : new ObservedNames([.. headers], [.. query], [.. cookies]);

        static SortedSet<string> New() => new(StringComparer.OrdinalIgnoreCase);

        void AddUser(StickyBy? by, string? name)
        {
            switch (by)
            {
                case StickyBy.Header:
                    AddHeader(name!);
                    break;
                case StickyBy.Cookie:
                    cookies.Add(name!);
                    break;
                default:
                    break;
            }
        }

        void AddHeader(string name)
        {
            if (!HeaderRules.MayHoldKey(name) && !name.Equals("cookie", StringComparison.OrdinalIgnoreCase) && !name.Equals("proxy-authorization", StringComparison.OrdinalIgnoreCase))
            {
                headers.Add(name);
            }
        }
    }
}
