// VitePress's own theme, in the colours of the project.
import DefaultTheme from "vitepress/theme";
import "./style.css";

export default DefaultTheme;
