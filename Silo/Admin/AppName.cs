using System.Collections.Immutable;
using System.Globalization;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Revisions;

namespace Sluice.Silo.Admin;

/// <summary>Reads whose settings are asked for.</summary>
internal static class AppName
{
    private const int MostProfiles = 8;

    /// <summary>What is wrong with an application's name and its profiles; null where nothing is.</summary>
    /// <param name="where">Where the profiles stand, for the error: <c>query: profile</c>.</param>
    /// <param name="profiles">Separated by commas; null: none.</param>
    public static Problem? Check(string app, string where, string? profiles, out ImmutableArray<string> read)
    {
        read = profiles is null ? [] : [.. profiles.Split(',', StringSplitOptions.TrimEntries)];
        var errors = new List<FieldError>();
        if (!Names.IsApp(app))
        {
            errors.Add(new FieldError("path: app", $"must be {Names.AppRule}; is '{app}'"));
        }

        if (read.Length > MostProfiles)
        {
            errors.Add(new FieldError(where, string.Create(CultureInfo.InvariantCulture, $"names {read.Length} profiles, at most {MostProfiles} are taken")));
        }

        if (read.FirstOrDefault(p => !Names.IsApp(p)) is { } wrong)
        {
            errors.Add(new FieldError(where, $"must be profiles separated by commas, each {Names.AppRule}; is '{wrong}'"));
        }

        if (read.Distinct(StringComparer.OrdinalIgnoreCase).Count() != read.Length)
        {
            errors.Add(new FieldError(where, "names a profile twice"));
        }

        return errors.Count > 0 ? Problem.InvalidRequest(errors) : null;
    }
}
