using Sluice.Revisions.Resources;

namespace Sluice.Revisions.Reading;

/// <summary>Subjects of limits and budgets as they are written.</summary>
public static class Subjects
{
    /// <summary>As in a declaration: <c>tenant/acme</c>, <c>user/*</c>, <c>workspace</c>.</summary>
    public static string Write(Subject subject) =>
        subject.Scope is SubjectScope.Workspace ? "workspace" : $"{Scope(subject.Scope)}/{subject.Name ?? "*"}";

    /// <summary>The scope as it is written.</summary>
    public static string Scope(SubjectScope scope) => scope.ToString().ToLowerInvariant();

    /// <summary>The tenant that a subject's text names: its own, or that of a team or user; null where none stands there, as with keys.</summary>
    public static string? TenantOf(string subject) => subject.Split('/') is ["tenant" or "team" or "user", var tenant, ..] ? tenant : null;

    /// <summary>The key that a subject's text names; null: none.</summary>
    public static string? KeyOf(string subject) => subject.Split('/') is ["key", var id] ? id : null;

    /// <summary>Whether a subject is one that a declaration binds.</summary>
    public static bool Binds(string declared, string subject)
    {
        if (!declared.EndsWith("/*", StringComparison.Ordinal))
        {
            return string.Equals(declared, subject, StringComparison.Ordinal);
        }

        // Users and teams are a tenant's: two parts after the first slash; all others have one.
        var parts = subject.Split('/');
        var expected = declared is "user/*" or "team/*" ? 3 : 2;
        return parts.Length == expected && subject.StartsWith(declared[..^1], StringComparison.Ordinal) && parts.All(Names.IsUser);
    }
}
