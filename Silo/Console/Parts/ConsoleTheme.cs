using MudBlazor;

namespace Sluice.Silo.Console.Parts;

/// <summary>The console's colours. Text has a contrast of at least 4.5 to 1 on what it stands on, in either mode (WCAG 2.2, 1.4.3).</summary>
internal static class ConsoleTheme
{
    private static readonly string[] Fonts = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "Noto Sans", "sans-serif"];

    public static MudTheme Theme { get; } = new()
    {
        PaletteLight = new PaletteLight
        {
            Primary = "#0b5cad", Secondary = "#5b3fa0", Success = "#1b6e3c", Warning = "#8a5300", Error = "#b3261e", Info = "#0b5cad",
            Background = "#f6f7f9", Surface = "#ffffff", DrawerBackground = "#ffffff", AppbarBackground = "#10243a", AppbarText = "#ffffff",
            TextPrimary = "#17202b", TextSecondary = "#4a5665", DrawerText = "#17202b", DrawerIcon = "#4a5665", ActionDefault = "#4a5665", LinesDefault = "#d4dae1", TableLines = "#e3e7ec",
        },
        PaletteDark = new PaletteDark
        {
            Primary = "#86bdf7", Secondary = "#c3b1f5", Success = "#7fd49c", Warning = "#f2b866", Error = "#ff9d94", Info = "#86bdf7",
            Background = "#0f141a", Surface = "#171e26", DrawerBackground = "#171e26", AppbarBackground = "#0a0f14", AppbarText = "#e8edf2",
            TextPrimary = "#e8edf2", TextSecondary = "#a9b5c2", DrawerText = "#e8edf2", DrawerIcon = "#a9b5c2", ActionDefault = "#a9b5c2", LinesDefault = "#34404d", TableLines = "#2a343f",
            PrimaryContrastText = "#0a1826", ErrorContrastText = "#2b0805", WarningContrastText = "#2b1a00", SuccessContrastText = "#04200f",
        },
        Typography = new Typography
        {
            Default = new DefaultTypography { FontFamily = Fonts, FontSize = ".9rem" },
            Button = new ButtonTypography { FontFamily = Fonts, TextTransform = "none", FontSize = ".9rem", FontWeight = "600" },
        },
        LayoutProperties = new LayoutProperties { DefaultBorderRadius = "6px" },
    };
}
